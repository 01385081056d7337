//! Who calls: the accounts of the subscription, and what each may do.
//!
//! Which role may do what is documented ("User Roles and Permissions for VM/VMDR, PC, SCA", "Permissions - Users", "List Users",
//! and the permissions of each API). How a missing right is answered is documented for the whole account alone: no API access and
//! a wrong platform are answered as a wrong password, and codes tell an expired, an inactive and an unregistered account. All
//! other refusals are 403 with 2012, `UNAUTHORIZED`, or the gateway's 403: what is closest.

use crate::{
    refusal::Refusal,
    right::Right,
    world::{CallerRole, World},
};

/// An account that the simulator knows, beside the one that it is started with. All have the same password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its user name.
    pub login: &'static str,
    /// What it is, for people.
    pub about: &'static str,
    role: Role,
    state: State,
    lacks: &'static [Module],
    has: &'static [Permission],
}

/// The roles of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Manager,
    UnitManager,
    /// One who sees nothing that identifies users.
    RestrictedUnitManager,
    UserAdministrator,
    Scanner,
    Reader,
    Auditor,
    RemediationUser,
    KnowledgeBaseOnly,
    Contact,
}

/// Whether an account can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// It has no password, or no API access, or calls from an address that is not allowed. What an address is answered is
    /// documented nowhere but as "will not be able to log in".
    Refused,
    Expired,
    Inactive,
    Unregistered,
}

/// What a subscription, or the role of a Manager, may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Module {
    Vm,
    Pc,
    Was,
    CertView,
    KnowledgeBase,
    /// The full scope and permissions of a Manager.
    FullScope,
}

/// What roles of the portal give to users who are no Managers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Permission {
    /// API Access, in WAS.
    Was,
    LaunchWas,
    Certificates,
}

/// The business unit of the accounts that belong to one.
pub(crate) const UNIT: &str = "Labs";

const fn account(login: &'static str, role: Role, about: &'static str) -> Account {
    Account { login, about, role, state: State::Open, lacks: &[], has: &[] }
}

const fn lacking(login: &'static str, lacks: &'static [Module], about: &'static str) -> Account {
    Account { lacks, ..account(login, Role::Manager, about) }
}

const fn with(login: &'static str, has: &'static [Permission], about: &'static str) -> Account {
    Account { has, ..account(login, Role::Reader, about) }
}

const fn kept_out(login: &'static str, state: State, about: &'static str) -> Account {
    Account { state, ..account(login, Role::Reader, about) }
}

/// The accounts, in the order in which `--help` lists them.
pub const ACCOUNTS: [Account; 25] = [
    account("acme_manager", Role::Manager, "Manager"),
    account("acme_unit", Role::UnitManager, "Unit Manager of the business unit Labs"),
    account("acme_admin", Role::UserAdministrator, "User Administrator"),
    account("acme_scanner", Role::Scanner, "Scanner"),
    account("acme_reader", Role::Reader, "Reader"),
    account("acme_auditor", Role::Auditor, "Auditor"),
    account("acme_remedy", Role::RemediationUser, "Remediation User"),
    account("acme_kb", Role::KnowledgeBaseOnly, "KnowledgeBase Only"),
    account("acme_contact", Role::Contact, "Contact, who has no API access"),
    lacking("acme_agents", &[Module::FullScope], "Manager without full scope, for cloud agents"),
    with("acme_was", &[Permission::Was, Permission::LaunchWas], "Reader who may launch WAS scans"),
    with("acme_was_read", &[Permission::Was], "Reader who may read WAS scans"),
    with("acme_certs", &[Permission::Certificates], "Reader who may view certificates"),
    lacking("acme_no_vm", &[Module::Vm], "Manager, without the VM module"),
    lacking("acme_no_pc", &[Module::Pc], "Manager, without the PC module"),
    lacking("acme_no_was", &[Module::Was], "Manager, without the WAS module"),
    lacking("acme_no_cert", &[Module::CertView], "Manager, without a CertView licence"),
    lacking("acme_no_kb", &[Module::KnowledgeBase], "Manager, without the KnowledgeBase"),
    kept_out("acme_no_api", State::Refused, "Reader without API access"),
    kept_out("acme_sso", State::Refused, "Reader who signs in by SSO"),
    kept_out("acme_address", State::Refused, "Reader at an address that is not allowed"),
    kept_out("acme_expired", State::Expired, "Reader whose account has expired"),
    kept_out("acme_inactive", State::Inactive, "Reader who is not active"),
    kept_out("acme_new", State::Unregistered, "Reader who has not signed in yet"),
    Account {
        role: Role::RestrictedUnitManager,
        ..account("acme_unit_r", Role::Manager, "Unit Manager with a restricted view")
    },
];

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) login: String,
    account: Account,
    /// Whether it is one of [`ACCOUNTS`], and not the one that the simulator is started with.
    is_further: bool,
}

impl Caller {
    /// The caller with these credentials.
    pub(crate) fn of(login: &str, password: &str, world: &World) -> Result<Self, Refusal> {
        let wrong = || Refusal::new(401, 2000, "Bad Login/Password");
        if password != world.password {
            return Err(wrong());
        }
        if login == world.username {
            return Ok(Self::main(world));
        }
        let account = ACCOUNTS.iter().find(|it| it.login == login).ok_or_else(wrong)?;
        match account.state {
            _ if account.role == Role::Contact => Err(wrong()),
            State::Open => Ok(Self { login: login.to_owned(), account: *account, is_further: true }),
            State::Refused => Err(wrong()),
            // Recorded with this status.
            State::Expired => Err(Refusal::new(200, 2001, "This account has expired.")),
            State::Inactive => Err(Refusal::new(403, 2002, "User account is inactive.")),
            State::Unregistered => Err(Refusal::new(
                409,
                2003,
                "Registration must be completed before API requests will be served for this account.",
            )),
        }
    }

    /// The one that the simulator is started with.
    pub(crate) fn main(world: &World) -> Self {
        let role = match world.caller_role {
            CallerRole::Manager => Role::Manager,
            CallerRole::RestrictedUnitManager => Role::RestrictedUnitManager,
        };
        let lacks: &[Module] = if world.knowledge_base { &[] } else { &[Module::KnowledgeBase] };
        let account = Account { role, lacks, ..account("", Role::Manager, "") };
        Self { login: world.username.clone(), account, is_further: false }
    }

    pub(crate) fn role(&self) -> Role {
        self.account.role
    }

    pub(crate) fn is_further(&self) -> bool {
        self.is_further
    }

    /// Whether it belongs to a business unit.
    pub(crate) fn is_of_unit(&self) -> bool {
        matches!(self.account.role, Role::UnitManager | Role::RestrictedUnitManager)
    }

    /// Whether it may do this.
    pub(crate) fn may(&self, right: Right) -> bool {
        use Role::{
            Auditor, KnowledgeBaseOnly, Manager, Reader, RemediationUser, RestrictedUnitManager, Scanner,
            UnitManager, UserAdministrator,
        };
        let has = |module| !self.account.lacks.contains(&module);
        let role = self.account.role;
        let is_full = role == Manager && has(Module::FullScope);
        let granted = |permission| self.account.has.contains(&permission);
        let scans = matches!(role, Manager | UnitManager | RestrictedUnitManager | Scanner);
        let reads = scans || role == Reader;
        match right {
            Right::Hosts => (has(Module::Vm) || has(Module::Pc)) && (reads || role == Auditor),
            Right::Detections | Right::VmScans | Right::Schedules => has(Module::Vm) && reads,
            Right::KnowledgeBase => {
                has(Module::KnowledgeBase) && (reads || matches!(role, RemediationUser | KnowledgeBaseOnly))
            }
            Right::Groups => reads || matches!(role, Auditor | UserAdministrator),
            Right::Choices => reads,
            // Whether a Manager without full scope may is documented nowhere.
            Right::VmControl => has(Module::Vm) && scans && (role != Manager || is_full),
            Right::PcScans => has(Module::Pc) && (reads || role == Auditor),
            Right::Tickets => has(Module::Vm) && (reads || role == RemediationUser),
            Right::Users => {
                matches!(role, Manager | UnitManager | RestrictedUnitManager | UserAdministrator)
            }
            Right::UserControl => {
                is_full || matches!(role, UnitManager | RestrictedUnitManager | UserAdministrator)
            }
            Right::Was => has(Module::Was) && (is_full || granted(Permission::Was)),
            Right::WasLaunch => has(Module::Was) && (is_full || granted(Permission::LaunchWas)),
            Right::Tags => reads || role == Auditor,
            Right::Connectors => is_full,
            Right::Certificates => has(Module::CertView) && (is_full || granted(Permission::Certificates)),
        }
    }
}

impl Role {
    /// As the list of users has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Manager => "Manager",
            Self::UnitManager | Self::RestrictedUnitManager => "Unit Manager",
            Self::UserAdministrator => "User Administrator",
            Self::Scanner => "Scanner",
            Self::Reader => "Reader",
            Self::Auditor => "Auditor",
            Self::RemediationUser => "Remediation User",
            Self::KnowledgeBaseOnly => "KnowledgeBase Only",
            Self::Contact => "Contact",
        }
    }
}
