//! The relay's interface, tried by strangers: tools that know nothing of it but its OpenAPI document.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::shell::{command, must, root, succeeds, target};

/// Where the list of tools and the script of the stranger stand.
const FOLDER: &str = "crates/relay/tests/openapi";

/// A relay with its demonstration; killed with the value.
struct Demonstration {
    program: Child,
    address: String,
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Lets a generated client go the main way, and Schemathesis try everything that the document allows and forbids. Neither
/// may meet an answer that is not documented, nor a fault of the relay.
pub fn interface() -> Result<bool> {
    let folder = target().join("interface");
    // Made anew: a demonstration begins with a temporary password.
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let tool = tools()?;
    let relay = Demonstration::start(&folder)?;
    let document = folder.join("openapi.json");
    let url = format!("{}/v1/openapi.json", relay.address);
    must(command("curl", &["--silent", "--fail", "--output"]).arg(&document).arg(&url))?;

    let client = folder.join("relay_client");
    let mut generate = tool("openapi-python-client");
    generate.args(["generate", "--meta", "none", "--path"]).arg(&document).arg("--output-path").arg(&client);
    must(&mut generate)?;
    let mut stranger = tool("python");
    let claim = root().join("crates/relay/tests/data/KK260601.CSV");
    stranger.arg(root().join(FOLDER).join("stranger.py")).arg(&relay.address).arg(claim).arg(&client);
    let output = stranger.stderr(Stdio::inherit()).output().context("starting the stranger")?;
    ensure!(output.status.success(), "the generated client failed");
    let token = String::from_utf8(output.stdout)?.trim().to_owned();

    // With a session, what the sessions end with or never end left out; then everything without one.
    let mut signed_in = schemathesis(&tool, &url);
    signed_in.arg("--header").arg(format!("Authorization: Bearer {token}"));
    for path in ["/v1/demo/clock", "/v1/sessions", "/v1/sessions/current", "/v1/password", "/v1/events"] {
        signed_in.args(["--exclude-path", path]);
    }
    let mut stranger = schemathesis(&tool, &url);
    stranger.args(["--exclude-path", "/v1/demo/clock"]);
    Ok(succeeds(&mut signed_in)? && succeeds(&mut stranger)?)
}

fn schemathesis(tool: &impl Fn(&str) -> Command, url: &str) -> Command {
    let mut command = tool("schemathesis");
    command.args(["run", url, "--max-examples", "20", "--phases", "examples,coverage,fuzzing", "--no-color"]);
    command.args(["--request-timeout", "20", "--checks"]);
    command.arg("not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance");
    command
}

/// Installs the tools into an environment of their own; returns what starts them.
fn tools() -> Result<impl Fn(&str) -> Command> {
    let environment = target().join("interface-tools");
    let list = root().join(FOLDER).join("requirements.txt");
    let installed = environment.join("requirements.txt");
    let wanted = std::fs::read(&list)?;
    if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
        must(command("python3", &["-m", "venv"]).arg(&environment))?;
        must(Command::new(environment.join("bin/pip")).args(["install", "--quiet", "--requirement"]).arg(&list))?;
        std::fs::write(&installed, &wanted)?;
    }
    Ok(move |name: &str| {
        let bin = environment.join("bin");
        let mut command = Command::new(bin.join(name));
        // The generator looks for ruff beside itself.
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", bin.display())).current_dir(environment.join(".."));
        command
    })
}

impl Demonstration {
    fn start(folder: &std::path::Path) -> Result<Self> {
        let mut command = Command::new(target().join("debug/todoke-relay"));
        command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
        let log = File::create(folder.join("log"))?;
        let mut program = command.stdout(Stdio::piped()).stderr(log).spawn().context("starting the relay")?;
        let out = program.stdout.take().context("the relay's output")?;
        let first = BufReader::new(out).lines().next().context("the relay says nothing")??;
        let address = first.strip_prefix("listening on ").context("the relay does not listen")?.to_owned();
        Ok(Self { program, address })
    }
}
