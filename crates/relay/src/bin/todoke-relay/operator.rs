//! The operator's commands: words in, Japanese lines out. Decisions are the library's.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::place::PlaceOptions;
use anyhow::Context;
use calendar::Month;
use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use relay::desk::DeskView;
use relay::papers::{debits_csv, fees_csv, letter_pdf};
use relay::release::NewRelease;
use relay::storage::{AccountKind, AuditCheck, DebitAccount, ExtraItem, NewContract, PoaNews};
use relay::{Clock, Config, Relay};

use relay_api::applications::{ApplicationState, CredentialsState, PoaState, Request};

/// Options and commands of `todoke-relay admin`.
#[derive(Args)]
pub(crate) struct Admin {
    #[command(flatten)]
    place: PlaceOptions,
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Corporations（法人）.
    #[command(subcommand)]
    Corporation(CorporationCommand),
    /// Offices（事業所）.
    #[command(subcommand)]
    Office(OfficeCommand),
    /// IDs（法人用ID・事業所用ID）.
    #[command(subcommand)]
    Login(LoginCommand),
    /// Prints the letter of an ID again, without its password.
    Letter(LoginName),
    /// Applications（お申込み）.
    #[command(subcommand)]
    Application(ApplicationCommand),
    /// Powers of attorney（委任状）.
    #[command(subcommand)]
    Poa(PoaCommand),
    /// Registration as agent（代理人）at 国保連.
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Certificates（証明書）of the operator.
    #[command(subcommand)]
    Certificate(CertificateCommand),
    /// Profile of the operator（運営者情報）: fees, days, contacts.
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Fees（利用料）.
    #[command(subcommand)]
    Fee(FeeCommand),
    /// Terminals（送信用端末）.
    #[command(subcommand)]
    Terminal(TerminalCommand),
    /// Backups（控え）.
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Newer versions of the program（新しい版）.
    #[command(subcommand)]
    Release(ReleaseCommand),
    /// Audit trail（保安の記録）.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Subcommand)]
enum CorporationCommand {
    /// Adds a corporation.
    Add {
        /// 法人番号 of the contract.
        #[arg(long)]
        number: String,
        /// 法人名.
        #[arg(long)]
        name: String,
    },
    /// Lists corporations, their offices and IDs.
    List,
    /// Notes the account from which the bank debits the fees, in place of the former one.
    Account {
        /// 法人番号 of the contract.
        #[arg(long)]
        number: String,
        /// 金融機関コード, 4 digits.
        #[arg(long)]
        bank: String,
        /// 支店コード, 3 digits.
        #[arg(long)]
        branch: String,
        /// 預金種目.
        #[arg(long, value_enum, default_value = "ordinary")]
        kind: Kind,
        /// 口座名義 in カナ.
        #[arg(long)]
        holder: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// 普通.
    Ordinary,
    /// 当座.
    Current,
}

#[derive(Subcommand)]
enum OfficeCommand {
    /// Adds an office.
    Add {
        /// 法人番号 of the contract.
        #[arg(long)]
        corporation: String,
        /// 事業所番号.
        #[arg(long)]
        number: String,
        /// 事業所名.
        #[arg(long)]
        name: String,
        /// First month of its contract, YYYY-MM; the present month without it.
        #[arg(long)]
        from: Option<Month>,
        /// With the return option（返戻オプション）.
        #[arg(long)]
        option: bool,
        /// Name of the certificate that acts for it.
        #[arg(long)]
        certificate: Option<String>,
    },
}

#[derive(Subcommand)]
enum LoginCommand {
    /// Adds an ID and prints its letter with a temporary password.
    Add {
        #[command(flatten)]
        name: LoginName,
        /// 事業所番号, for a 事業所用ID; without it the 法人用ID.
        #[arg(long)]
        office: Option<String>,
    },
    /// Prints a one-time code with which the person sets a new password, good for an hour. Ends nothing before it is used.
    Code(LoginName),
    /// Gives an ID a new temporary password and prints its letter. Ends its sessions and its lock-out.
    Reset(LoginName),
    /// Lists all IDs.
    List,
}

#[derive(Args)]
struct LoginName {
    /// 法人番号 of the contract.
    #[arg(long)]
    corporation: String,
    /// The ID: 4 to 32 small letters, digits and hyphens.
    #[arg(long)]
    id: String,
}

#[derive(Subcommand)]
enum ApplicationCommand {
    /// Lists applications, oldest first.
    List {
        /// Completed, declined and withdrawn ones too.
        #[arg(long)]
        all: bool,
    },
    /// Shows everything about an application.
    Show {
        /// 受付番号, for example M00000012.
        number: String,
    },
    /// Issues IDs, once every office has its power of attorney and its agent.
    Issue {
        /// 受付番号.
        number: String,
        /// 法人番号 of the new contract; the next free one without it.
        #[arg(long)]
        corporation: Option<String>,
    },
    /// Writes a letter per ID as PDF with new temporary passwords. Former letters of the application end.
    Letters {
        /// 受付番号.
        number: String,
        /// Folder for the letters; made when missing.
        #[arg(long)]
        out: PathBuf,
    },
    /// Puts a change, an end or an option into effect.
    Complete {
        /// 受付番号.
        number: String,
    },
    /// Declines an application.
    Decline {
        /// 受付番号.
        number: String,
        /// Why; the applicant reads it.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Subcommand)]
enum PoaCommand {
    /// It arrived.
    Received(PoaName),
    /// It cannot be used.
    Defective {
        #[command(flatten)]
        name: PoaName,
        /// What is wrong; the applicant reads it.
        #[arg(long)]
        reason: String,
    },
    /// It is in order.
    Accepted(PoaName),
}

#[derive(Args)]
struct PoaName {
    /// 受付番号.
    number: String,
    /// 事業所番号; all offices of the application whose turn it is without it.
    #[arg(long)]
    office: Option<String>,
}

#[derive(Subcommand)]
enum AgentCommand {
    /// Assigns offices to a certificate.
    Assign {
        #[command(flatten)]
        name: PoaName,
        /// Name of the certificate; the first with room without it.
        #[arg(long)]
        certificate: Option<String>,
    },
    /// Notes the registration as agent at 国保連.
    Registered {
        #[command(flatten)]
        name: PoaName,
        /// Day of the registration, YYYY-MM-DD.
        #[arg(long)]
        on: NaiveDate,
    },
}

#[derive(Subcommand)]
enum CertificateCommand {
    /// Adds a certificate of the operator.
    Add {
        /// A name for it, for example A-01.
        #[arg(long)]
        name: String,
        /// Last day, YYYY-MM-DD.
        #[arg(long)]
        expires: NaiveDate,
    },
    /// Lists certificates with the offices on each and the days left.
    List,
}

#[derive(Subcommand)]
enum ReleaseCommand {
    /// Offers a version, signed with minisign, to older ones.
    Add {
        /// Version, for example 0.2.0.
        #[arg(long)]
        version: String,
        /// `windows` or `linux`.
        #[arg(long, default_value = "windows")]
        target: String,
        /// The installer.
        #[arg(long)]
        file: PathBuf,
        /// Its signature（`.minisig`）.
        #[arg(long)]
        signature: PathBuf,
        /// Text file that says in Japanese what is new.
        #[arg(long)]
        notes: PathBuf,
        /// The operator's public key（`.pub`）.
        #[arg(long)]
        public_key: PathBuf,
    },
}

#[derive(Subcommand)]
enum ProfileCommand {
    /// Prints the profile as JSON.
    Show,
    /// Sets the profile from a JSON file, as `show` prints it.
    Set {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum FeeCommand {
    /// Charges a month and writes the list as CSV. Run again, it writes the same list.
    Run {
        /// The month, YYYY-MM.
        #[arg(long)]
        month: Month,
        /// The file; replaced when it is there.
        #[arg(long)]
        out: PathBuf,
    },
    /// Writes what the bank is asked to debit for a month that was charged, one line per corporation, as CSV.
    Debit {
        /// The month, YYYY-MM.
        #[arg(long)]
        month: Month,
        /// The file; replaced when it is there. Only its owner may read it.
        #[arg(long)]
        out: PathBuf,
    },
    /// Notes work by hand that costs, for the present month.
    Extra {
        /// 事業所番号.
        #[arg(long)]
        office: String,
        /// What was done.
        #[arg(long, value_enum)]
        item: Item,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Item {
    /// パスワード再発行.
    Password,
    /// 削除情報の復旧.
    Recovery,
}

#[derive(Subcommand)]
enum TerminalCommand {
    /// Adds a terminal and prints its secret, once.
    Add {
        /// A name for it: 4 to 32 small letters, digits and hyphens.
        #[arg(long)]
        id: String,
        /// Name of its certificate; without it, the terminal serves the offices that have none.
        #[arg(long)]
        certificate: Option<String>,
    },
    /// Lists terminals with their signs of life.
    List,
    /// Ends the credentials of a terminal.
    Retire {
        /// Its name.
        #[arg(long)]
        id: String,
    },
    /// Gives a file back to the line that a terminal began and 国保連 does not have. Ask 国保連 first.
    Release {
        /// 受付番号 of the file, 19 digits.
        accept_code: String,
    },
}

#[derive(Subcommand)]
enum BackupCommand {
    /// Copies everything into an empty folder, while the relay serves, and proves the copy.
    Take {
        /// The folder; made when missing.
        #[arg(long)]
        out: PathBuf,
    },
    /// Proves that a copy is whole: database, audit trail, every content by its SHA-256.
    Verify {
        /// The folder of the copy; without it, what the relay itself serves from.
        #[arg(long)]
        from: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Checks that no row of the audit trail was changed or removed.
    Verify {
        /// A link that an earlier check printed; it must still be in the trail.
        #[arg(long)]
        noted: Option<String>,
    },
    /// Prints the newest rows.
    List {
        /// How many.
        #[arg(long, default_value_t = 50)]
        count: u32,
    },
}

/// Does one of the operator's commands.
pub(crate) async fn run(options: Admin, clock: Clock) -> anyhow::Result<()> {
    let relay = Relay::open_for_admin(Config::at(options.place.place()?, clock)).await?;
    let mut out = std::io::stdout().lock();
    match options.command {
        AdminCommand::Corporation(CorporationCommand::Add { number, name }) => {
            relay.add_corporation(&number, &name).await?;
            writeln!(out, "法人を登録しました：{number} {name}")?;
        }
        AdminCommand::Corporation(CorporationCommand::List) => {
            for corporation in relay.corporations().await? {
                writeln!(out, "{}\t{}", corporation.number, corporation.name)?;
                for office in corporation.offices {
                    writeln!(out, "\t事業所\t{}\t{}", office.number, office.name)?;
                }
                for (id, office, temporary) in corporation.logins {
                    writeln!(out, "\tID\t{}", login_line(&id, office.as_deref(), temporary))?;
                }
            }
        }
        AdminCommand::Corporation(CorporationCommand::Account { number, bank, branch, kind, holder }) => {
            // Not an argument: arguments of a process can be read by others on the machine.
            let mut account = String::new();
            std::io::stdin().read_line(&mut account).context("口座番号を標準入力から読めません")?;
            let kind = match kind {
                Kind::Ordinary => AccountKind::Ordinary,
                Kind::Current => AccountKind::Current,
            };
            let account = DebitAccount { bank, branch, kind, number: account.trim().to_owned(), holder };
            relay.set_debit_account(&number, account).await?;
            writeln!(out, "口座を記録しました：{number}")?;
        }
        AdminCommand::Office(OfficeCommand::Add { corporation, number, name, from, option, certificate }) => {
            let this_month = Month::of(relay.clock().business().date_naive())?;
            let contract = NewContract { start: from.unwrap_or(this_month), option, certificate };
            let start = contract.start;
            relay.add_office(&corporation, &number, &name, contract).await?;
            writeln!(out, "事業所を登録しました：{number} {name}（{start}から）")?;
        }
        AdminCommand::Login(LoginCommand::Add { name, office }) => {
            let letter = relay.add_login(&name.corporation, &name.id, office.as_deref(), None).await?;
            write!(out, "{}", letter.text())?;
        }
        AdminCommand::Login(LoginCommand::Reset(name)) => {
            write!(out, "{}", relay.reset_login(&name.corporation, &name.id).await?.text())?;
        }
        AdminCommand::Login(LoginCommand::Code(name)) => {
            let (code, minutes) = relay.issue_reset_code_by_hand(&name.corporation, &name.id).await?;
            writeln!(
                out,
                "使い捨てコード（{minutes}分間、1回だけ）：{code}\n\
                 本人であることを確かめてから伝えてください。ログイン画面の「パスワードを忘れたとき」で使います。"
            )?;
        }
        AdminCommand::Login(LoginCommand::List) => {
            for corporation in relay.corporations().await? {
                for (id, office, temporary) in corporation.logins {
                    writeln!(out, "{}\t{}", corporation.number, login_line(&id, office.as_deref(), temporary))?;
                }
            }
        }
        AdminCommand::Letter(name) => {
            write!(out, "{}", relay.letter(&name.corporation, &name.id).await?.text())?;
        }
        AdminCommand::Application(command) => application(&relay, &mut out, command).await?,
        AdminCommand::Poa(command) => poa(&relay, &mut out, command).await?,
        AdminCommand::Agent(command) => agent(&relay, &mut out, command).await?,
        AdminCommand::Certificate(command) => certificate(&relay, &mut out, command).await?,
        AdminCommand::Profile(command) => profile(&relay, &mut out, command).await?,
        AdminCommand::Fee(command) => fee(&relay, &mut out, command).await?,
        AdminCommand::Terminal(command) => terminal(&relay, &mut out, command).await?,
        AdminCommand::Backup(command) => backup(&relay, &mut out, command).await?,
        AdminCommand::Release(command) => release(&relay, &mut out, command)?,
        AdminCommand::Audit(command) => audit(&relay, &mut out, command).await?,
    }
    Ok(())
}

fn login_line(id: &str, office: Option<&str>, temporary: bool) -> String {
    let kind = office.map_or("法人用ID".to_owned(), |number| format!("事業所用ID（{number}）"));
    let state = if temporary { "仮パスワード" } else { "パスワード変更済み" };
    format!("{id}\t{kind}\t{state}")
}

async fn application(relay: &Relay, out: &mut impl Write, command: ApplicationCommand) -> anyhow::Result<()> {
    match command {
        ApplicationCommand::List { all } => {
            for view in relay.desk_applications(!all).await? {
                let application = &view.application;
                let offices = application.offices.len();
                let (kind, name) = kind_and_name(&application.applied.request);
                let state = application_state(application.state);
                writeln!(
                    out,
                    "{}\t{}\t{kind}\t{name}\t{offices}事業所\t{state}",
                    application.number, application.received_at
                )?;
            }
        }
        ApplicationCommand::Show { number } => show(out, &relay.desk_application(&number).await?)?,
        ApplicationCommand::Issue { number, corporation } => {
            let view = relay.issue_credentials(&number, corporation.as_deref()).await?;
            writeln!(out, "IDを発行しました：{}", view.application.number)?;
            writeln!(
                out,
                "申込者は「とどけ」の画面でお知らせを受け取れます。紙で送るときは application letters を使ってください。"
            )?;
        }
        ApplicationCommand::Letters { number, out: folder } => write_letters(relay, out, &number, &folder).await?,
        ApplicationCommand::Complete { number } => {
            let view = relay.complete_application(&number).await?;
            writeln!(out, "手続きを終えました：{}", view.application.number)?;
        }
        ApplicationCommand::Decline { number, reason } => {
            let view = relay.decline_application(&number, &reason).await?;
            writeln!(out, "お断りとして記録しました：{}", view.application.number)?;
        }
    }
    Ok(())
}

async fn write_letters(relay: &Relay, out: &mut impl Write, number: &str, folder: &Path) -> anyhow::Result<()> {
    let profile = relay.profile().await?;
    let issued_at = relay.clock().business().naive_local();
    // Before the passwords change: a folder that cannot be written must not cost the former letters.
    std::fs::create_dir_all(folder).with_context(|| format!("{} を作れません", folder.display()))?;
    let (view, letters) = relay.desk_letters(number).await?;
    for letter in &letters.letters {
        let pdf = letter_pdf(&letters, letter, &profile, issued_at, relay.is_practice().await?)?;
        let path = folder.join(format!("{}-{}.pdf", view.application.number, letter.login_id));
        write_secret(&path, &pdf).with_context(|| format!("{} に書けません", path.display()))?;
        writeln!(out, "{}", path.display())?;
    }
    writeln!(
        out,
        "仮パスワードは、この{}通にだけ書いてあります。渡したあとはファイルを消してください。",
        letters.letters.len()
    )?;
    Ok(())
}

/// Writes a file that only its owner may read.
fn write_secret(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(content)
}

async fn poa(relay: &Relay, out: &mut impl Write, command: PoaCommand) -> anyhow::Result<()> {
    let (name, news) = match command {
        PoaCommand::Received(name) => (name, PoaNews::Received),
        PoaCommand::Defective { name, reason } => (name, PoaNews::Defective(reason.trim().to_owned())),
        PoaCommand::Accepted(name) => (name, PoaNews::Accepted),
    };
    show(out, &relay.note_poa(&name.number, name.office.as_deref(), news).await?)
}

async fn agent(relay: &Relay, out: &mut impl Write, command: AgentCommand) -> anyhow::Result<()> {
    let view = match command {
        AgentCommand::Assign { name, certificate } => {
            relay.assign_agent(&name.number, name.office.as_deref(), certificate.as_deref()).await?
        }
        AgentCommand::Registered { name, on } => relay.register_agent(&name.number, name.office.as_deref(), on).await?,
    };
    show(out, &view)
}

async fn certificate(relay: &Relay, out: &mut impl Write, command: CertificateCommand) -> anyhow::Result<()> {
    match command {
        CertificateCommand::Add { name, expires } => {
            relay.add_certificate(&name, expires).await?;
            writeln!(out, "証明書を登録しました：{name}（{expires}まで）")?;
        }
        CertificateCommand::List => {
            for certificate in relay.certificates().await? {
                let warning = match relay.certificate_warning(&certificate) {
                    Some(left) if left < 0 => "\t期限切れです".to_owned(),
                    Some(left) => format!("\tあと{left}日で切れます"),
                    None => String::new(),
                };
                let (name, offices, last) = (&certificate.name, certificate.offices, &certificate.expires_on);
                writeln!(out, "{name}\t{offices}/100事業所\t{last}まで{warning}")?;
            }
        }
    }
    Ok(())
}

fn release(relay: &Relay, out: &mut impl Write, command: ReleaseCommand) -> anyhow::Result<()> {
    let ReleaseCommand::Add { version, target, file, signature, notes, public_key } = command;
    let read = |path: &Path| std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let key = read(&public_key)?;
    let new = NewRelease {
        // minisign writes a comment above the key.
        public_key: key.lines().last().unwrap_or_default().to_owned(),
        notes: read(&notes)?,
        arch: "x86_64".to_owned(),
        version,
        target,
        file,
        signature,
    };
    relay.add_release(&new)?;
    writeln!(out, "新しい版を置きました：{}（{}）", new.version, new.target)?;
    Ok(())
}

async fn profile(relay: &Relay, out: &mut impl Write, command: ProfileCommand) -> anyhow::Result<()> {
    match command {
        ProfileCommand::Show => writeln!(out, "{}", serde_json::to_string_pretty(&relay.profile().await?)?)?,
        ProfileCommand::Set { file } => {
            let json = std::fs::read_to_string(&file).with_context(|| format!("{} を読めません", file.display()))?;
            relay.set_profile(&json).await?;
            writeln!(out, "運営者情報を新しくしました。")?;
        }
    }
    Ok(())
}

async fn fee(relay: &Relay, out: &mut impl Write, command: FeeCommand) -> anyhow::Result<()> {
    match command {
        FeeCommand::Run { month, out: file } => {
            let run = relay.run_fees(month).await?;
            std::fs::write(&file, fees_csv(&run)?).with_context(|| format!("{} に書けません", file.display()))?;
            let yen: i64 = run.lines.iter().map(|line| line.yen).sum();
            writeln!(out, "{month}分：{}行、合計{yen}円、引落日 {}", run.lines.len(), run.debit_on)?;
        }
        FeeCommand::Debit { month, out: file } => {
            let list = relay.debits(month).await?;
            write_secret(&file, &debits_csv(&list)?).with_context(|| format!("{} に書けません", file.display()))?;
            let yen: i64 = list.debits.iter().map(|debit| debit.yen).sum();
            writeln!(out, "{month}分：{}法人、合計{yen}円、引落日 {}", list.debits.len(), list.debit_on)?;
            for debit in list.debits.iter().filter(|debit| debit.account.is_none()) {
                writeln!(out, "口座が未登録です：{} {}", debit.corporation_number, debit.corporation_name)?;
            }
        }
        FeeCommand::Extra { office, item } => {
            let item = match item {
                Item::Password => ExtraItem::PasswordByHand,
                Item::Recovery => ExtraItem::Recovery,
            };
            relay.note_extra_fee(&office, item).await?;
            writeln!(out, "手数料を記録しました：{office}")?;
        }
    }
    Ok(())
}

async fn backup(relay: &Relay, out: &mut impl Write, command: BackupCommand) -> anyhow::Result<()> {
    let (done, backup) = match command {
        BackupCommand::Take { out } => ("控えを取り、確かめました", relay.back_up(&out).await?),
        BackupCommand::Verify { from: None } => ("欠けや書きかえはありません", relay.verify().await?),
        BackupCommand::Verify { from: Some(from) } => {
            ("控えに欠けや書きかえはありません", relay::backup::verify_backup(&from).await?)
        }
    };
    writeln!(out, "{done}：ファイル{}件、保安の記録{}件", backup.contents, backup.audit_rows)?;
    Ok(())
}

async fn terminal(relay: &Relay, out: &mut impl Write, command: TerminalCommand) -> anyhow::Result<()> {
    match command {
        TerminalCommand::Add { id, certificate } => {
            let secret = relay.add_terminal(&id, certificate.as_deref()).await?;
            writeln!(out, "端末を登録しました：{id}\n合言葉（一度だけ表示します）：{secret}")?;
        }
        TerminalCommand::List => {
            for terminal in relay.terminals().await? {
                let certificate = terminal.certificate.as_deref().unwrap_or("証明書なし");
                let state = if terminal.retired { "停止" } else { "稼働" };
                writeln!(out, "{}\t{certificate}\t{state}\t送信中{}件", terminal.client_id, terminal.begun)?;
                for (job, at) in terminal.heartbeats {
                    writeln!(out, "\t{job}\t{at}")?;
                }
            }
        }
        TerminalCommand::Retire { id } => {
            relay.retire_terminal(&id).await?;
            writeln!(out, "端末を止めました：{id}")?;
        }
        TerminalCommand::Release { accept_code } => {
            relay.release_work(&accept_code).await?;
            writeln!(out, "送信待ちに戻しました：{accept_code}")?;
        }
    }
    Ok(())
}

async fn audit(relay: &Relay, out: &mut impl Write, command: AuditCommand) -> anyhow::Result<()> {
    match command {
        AuditCommand::Verify { noted } => match relay.check_audit(noted).await? {
            AuditCheck::Whole { rows, newest } => {
                writeln!(out, "保安の記録{rows}件に、書きかえや抜けはありません。")?;
                if let Some(newest) = newest {
                    writeln!(out, "最新の印：{newest}\nこの印を別の場所に控え、次の確認で --noted に渡してください。")?;
                }
            }
            AuditCheck::Broken { row } => anyhow::bail!("保安の記録の{row}件目で、書きかえか抜けが見つかりました"),
            AuditCheck::OtherTrail => {
                anyhow::bail!("控えた印が見つかりません。保安の記録が作り直されたか、切られています")
            }
        },
        AuditCommand::List { count } => {
            for row in relay.audit_rows(count).await? {
                let number = |value: Option<i64>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
                let (corporation, login) = (number(row.corporation), number(row.login));
                let detail = row.detail.unwrap_or_default();
                writeln!(out, "{}\t{}\t{}\t{corporation}\t{login}\t{detail}", row.id, row.time, row.event)?;
            }
        }
    }
    Ok(())
}

fn show(out: &mut impl Write, view: &DeskView) -> anyhow::Result<()> {
    let application = &view.application;
    let (kind, name) = kind_and_name(&application.applied.request);
    let applicant = &application.applied.applicant;
    writeln!(out, "{}\t{kind}\t{name}\t{}", application.number, application_state(application.state))?;
    writeln!(out, "申込者\t{}\t{}\t{}", applicant.name, applicant.phone, applicant.email)?;
    writeln!(out, "受付\t{}", application.received_at)?;
    if let Some(first) = &view.joined {
        writeln!(out, "同じ法人の申込み\t{first}（同じ法人番号になります）")?;
    }
    if let Some(consented) = &application.applied.consented {
        let version = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        writeln!(out, "同意\t利用規約 {}\t個人情報 {}", version(&consented.terms), version(&consented.privacy))?;
    }
    for (office, certificate) in application.offices.iter().zip(&view.certificates) {
        let poa = match office.poa.state {
            PoaState::NotNeeded => "委任状 不要".to_owned(),
            PoaState::Waiting => "委任状 到着待ち".to_owned(),
            PoaState::Received => "委任状 到着".to_owned(),
            PoaState::Defective => format!("委任状 不備：{}", office.poa.reason.as_deref().unwrap_or_default()),
            PoaState::Accepted => "委任状 受理".to_owned(),
        };
        let certificate = certificate.as_ref().map_or_else(|| "-".to_owned(), |name| format!("証明書 {name}"));
        let agent = office.agent_registered_on.as_ref().map_or_else(|| "-".to_owned(), |on| format!("代理人登録 {on}"));
        writeln!(out, "事業所\t{}\t{poa}\t{certificate}\t{agent}", office.office)?;
    }
    if let Some(credentials) = &application.credentials {
        let state = match credentials.state {
            CredentialsState::Pending => format!("発行前（{}までに）", credentials.expected_on),
            CredentialsState::Issued => "発行済み、未使用".to_owned(),
            CredentialsState::Used => "使用中".to_owned(),
        };
        writeln!(out, "ID\t{state}")?;
    }
    if let Some(first_debit) = &application.first_debit {
        writeln!(out, "最初の引落日\t{first_debit}")?;
    }
    Ok(())
}

fn application_state(state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Open => "手続き中",
        ApplicationState::Completed => "完了",
        ApplicationState::Declined => "お断り",
        ApplicationState::Withdrawn => "取下げ",
    }
}

fn kind_and_name(request: &Request) -> (&'static str, &str) {
    match request {
        Request::New { corporation, .. } => ("新規", &corporation.name),
        Request::AddOffices { .. } => ("事業所の追加", ""),
        Request::Change { .. } => ("変更", ""),
        Request::Stop { .. } => ("解約", ""),
        Request::Option { .. } => ("オプション追加", ""),
        Request::ChangedNumber { .. } => ("事業所番号の変更", ""),
    }
}
