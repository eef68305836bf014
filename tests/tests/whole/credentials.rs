//! Computers of one ID: a second factor on a new one, signing out the others, a one-time code.

use std::path::Path;
use std::process::Command;

use todoke_tests::program::built;
use todoke_tests::relay::{Letter, Relay};
use todoke_tests::todoke::{PASSWORD, Todoke};
use totp_rs::{Algorithm, Secret, TOTP};

const NEW: &str = "さくら-そつぎょう-2027";

fn computer(folder: &Path, name: &str, relay: &Relay) -> Todoke {
    Todoke::new(&folder.join(name)).with_relay(relay.url())
}

fn who(letter: &Letter) -> [String; 5] {
    let words = ["login", "--corporation", &letter.corporation_number, "--id", &letter.login_id];
    words.map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_computer_is_signed_out_and_a_new_one_needs_a_code() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let relay = Relay::start(&folder.path().join("relay"))?;
    let letter = relay.letter()?;
    let here = computer(folder.path(), "here", &relay);
    here.log_in(&letter)?;
    let lost = computer(folder.path(), "lost", &relay);
    let password = format!("{PASSWORD}\n");
    lost.run_with(&who(&letter), &password)?.exits(0)?;
    lost.run(&["sync"])?.exits(0)?;

    here.run(&["logout", "--elsewhere"])?.exits(0)?;
    let answer = lost.run(&["sync"])?;
    assert!(answer.names("E-1105"), "it asks for the password anew: {answer:#?}");
    here.run(&["sync"])?.exits(0)?;

    let setup = here.run(&["second-factor", "begin"])?.exits(0)?.json()?;
    let secret = setup["secret"].as_str().unwrap().replace(' ', "");
    let telephone = TOTP::new(Algorithm::SHA1, 6, 1, 30, Secret::Encoded(secret).to_bytes().unwrap())?;
    let codes = here.run(&["second-factor", "confirm", &telephone.generate_current()?])?.exits(0)?.json()?;
    // A computer that is signed in is asked for nothing, a new process neither.
    here.run(&["sync"])?.exits(0)?;
    let answer = lost.run_with(&who(&letter), &password)?;
    assert!(answer.names("E-1108"), "{answer:#?}");
    let with_code = |code: &str| [who(&letter).to_vec(), vec!["--code".to_owned(), code.to_owned()]].concat();
    let answer = lost.run_with(&with_code("000000"), &password)?;
    assert!(answer.names("E-1109"), "{answer:#?}");
    lost.run_with(&with_code(codes[0].as_str().unwrap()), &password)?.exits(0)?;
    lost.run(&["sync"])?.exits(0)?;

    // Password and telephone are lost: the operator's one-time code stands in for both.
    let mut admin = Command::new(built("todoke-relay")?);
    admin.args(["admin", "login", "code", "--corporation", &letter.corporation_number, "--id", &letter.login_id]);
    let output = admin.arg("--data").arg(folder.path().join("relay")).output()?;
    let said = String::from_utf8(output.stdout)?;
    let code = said.lines().next().and_then(|line| line.split_once('：')).unwrap().1.to_owned();
    let new = computer(folder.path(), "new", &relay);
    let words = ["reset-password", "--corporation", &letter.corporation_number, "--id", &letter.login_id];
    new.run_with(&words, &format!("{code}\n{NEW}\n"))?.exits(0)?;
    new.run(&["sync"])?.exits(0)?;
    assert!(lost.run(&["sync"])?.names("E-1105"));
    let ids = new.run(&["ids", "list"])?.exits(0)?.json()?;
    assert_eq!((&ids[0]["login_id"], &ids[0]["second_factor"]), (&letter.login_id.into(), &false.into()));
    Ok(())
}
