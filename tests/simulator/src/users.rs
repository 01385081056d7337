//! `/msp/user_list.php`: the users, all at once.

use std::{borrow::Cow, sync::Arc};

use crate::{
    account::{Caller, Role, UNIT},
    chance::{Chance, Subject},
    changes::AddedUser,
    clock::DAY,
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Rows, Source},
    texts,
    world::World,
    xml::Xml,
};

pub(crate) const DOCUMENT: Document = Document { root: "USER_LIST_OUTPUT", dtd: "user_list_output.dtd" };

/// The number of the first user.
const FIRST_ID: u64 = 1_063;

const FIRST_NAMES: [&str; 8] = ["Alex", "Bea", "Chidi", "Dörte", "Emre", "Fatima", "Giulia", "Henrik"];

const LAST_NAMES: [&str; 8] = ["Kim", "Nowak", "O'Brien", "García", "Müller", "Okafor", "Singh", "Zhao"];

/// Every role at least once in so many users.
const ROLES: [&str; 8] =
    ["Manager", "Scanner", "Reader", "Unit Manager", "Scanner", "Auditor", "Remediation User", "Contact"];

/// What the API calls the roles that it can give, and what the list does.
const API_ROLES: [(&str, &str); 6] = [
    ("manager", "Manager"),
    ("unit_manager", "Unit Manager"),
    ("scanner", "Scanner"),
    ("reader", "Reader"),
    ("contact", "Contact"),
    ("administrator", "User Administrator"),
];

/// The users that were asked for.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    let known = ["external_id_contains", "external_id_assigned", "show_access_permissions"];
    let parameters = Parameters::of(question.call, &known)?;
    let contains = parameters.text("external_id_contains").map(str::to_owned);
    let assigned = parameters.flag("external_id_assigned")?;
    if contains.is_some() && assigned.is_some() {
        let text = "external_id_contains and external_id_assigned exclude each other";
        return Err(Refusal::new(400, 1904, text));
    }
    let users = Users {
        world: Arc::clone(question.world),
        contains,
        assigned,
        permissions: parameters.is_set("show_access_permissions")?,
        added: question.changes.users(),
        switched: question.changes.switched(),
        caller: question.caller.clone(),
        next: 0,
        listed: false,
    };
    Ok(DOCUMENT.report(question.world, users))
}

/// What decides whether a user may be changed, and by whom.
pub(crate) struct Found {
    pub(crate) status: &'static str,
    pub(crate) role: String,
    pub(crate) unit: String,
}

/// The user with this login.
pub(crate) fn found(question: &Question<'_>, login: &str) -> Option<Found> {
    let user = all(question).find(|user| user.login == login)?;
    Some(Found { status: user.status, role: user.role.into_owned(), unit: user.unit.into_owned() })
}

/// Whether a user has this external ID.
pub(crate) fn has_external_id(question: &Question<'_>, id: &str) -> bool {
    all(question).any(|user| user.external_id.as_deref() == Some(id))
}

fn all<'a>(question: &'a Question<'_>) -> impl Iterator<Item = User> + use<'a> {
    let (added, switched) = (question.changes.users(), question.changes.switched());
    let count = question.world.users;
    let made_up = (0..count).map(|index| User::at(question.world, index));
    let added = added.into_iter().enumerate().map(move |(place, it)| User::added(&it, count + place as u64));
    made_up.chain(added).map(move |user| user.switched(&switched))
}

/// `acme_` with two letters and a number, as logins are given out.
fn login(index: u64) -> String {
    let letter = |place: u64| char::from(b'a' + (place % 26) as u8);
    let (first, second) = (letter(index), letter(index / 26));
    format!("acme_{first}{second}{}", 1 + index / 676)
}

struct Users {
    world: Arc<World>,
    contains: Option<String>,
    assigned: Option<bool>,
    permissions: bool,
    added: Vec<AddedUser>,
    switched: Vec<(String, bool)>,
    caller: Caller,
    next: u64,
    listed: bool,
}

struct User {
    index: u64,
    login: String,
    first_name: Cow<'static, str>,
    last_name: Cow<'static, str>,
    email: String,
    external_id: Option<String>,
    status: &'static str,
    created: i64,
    last_login: Option<i64>,
    role: Cow<'static, str>,
    unit: Cow<'static, str>,
    has_groups: bool,
}

impl User {
    fn at(world: &World, index: u64) -> Self {
        let mut chance = Chance::new(world.seed, Subject::User, index);
        let now = world.now_seconds();
        let created = now - 30 * DAY - chance.seconds(2_000 * DAY);
        let status = match chance.below(10) {
            0 => "Inactive",
            1 => "Pending Activation",
            _ => "Active",
        };
        let never = status == "Pending Activation" || chance.one_in(9);
        Self {
            index,
            // The first one is the account that the simulator is started with.
            login: if index == 0 { world.username.clone() } else { login(index) },
            email: format!("user{index}@acme.example"),
            first_name: chance.pick(&FIRST_NAMES).into(),
            last_name: chance.pick(&LAST_NAMES).into(),
            external_id: chance.one_in(2).then(|| format!("E-{:05}", 10_000 + index)),
            status,
            created,
            last_login: (!never).then(|| created + chance.seconds(now - created)),
            role: ROLES[(index % ROLES.len() as u64) as usize].into(),
            unit: chance.pick(&["Unassigned", "Unassigned", "Retail & Stores", "Labs"]).into(),
            has_groups: chance.one_in(2),
        }
    }

    /// The account that asks, where it is a further one.
    fn caller(caller: &Caller, world: &World, index: u64) -> Self {
        Self {
            index,
            login: caller.login.clone(),
            first_name: "Service".into(),
            last_name: "Account".into(),
            email: format!("{}@acme.example", caller.login),
            external_id: None,
            status: "Active",
            created: world.now_seconds() - 300 * DAY,
            last_login: Some(world.now_seconds() - DAY),
            role: caller.role().name().into(),
            unit: if caller.is_of_unit() { UNIT } else { "Unassigned" }.into(),
            has_groups: false,
        }
    }

    /// A user who was added, after all that are made up.
    fn added(added: &AddedUser, index: u64) -> Self {
        let field = |name: &str| {
            let found = added.fields.iter().find(|(known, _)| known == name);
            found.map_or(String::new(), |(_, text)| text.clone())
        };
        let role = field("user_role");
        let role = API_ROLES.iter().find(|(known, _)| *known == role).map_or("", |(_, role)| role);
        Self {
            index,
            login: added.login.clone(),
            first_name: field("first_name").into(),
            last_name: field("last_name").into(),
            email: field("email"),
            external_id: Some(field("external_id")).filter(|id| !id.is_empty()),
            status: "Pending Activation",
            created: added.at,
            last_login: None,
            role: role.into(),
            unit: field("business_unit").into(),
            has_groups: !field("asset_groups").is_empty(),
        }
    }

    /// The same user after having been switched on or off.
    fn switched(mut self, switched: &[(String, bool)]) -> Self {
        if let Some((_, active)) = switched.iter().find(|(login, _)| *login == self.login) {
            self.status = if *active { "Active" } else { "Inactive" };
        }
        self
    }

    fn write(&self, xml: &mut Xml<'_>, caller: &Caller, permissions: bool) {
        let sees_all = match caller.role() {
            Role::RestrictedUnitManager => false,
            Role::UnitManager => self.unit == UNIT,
            _ => true,
        };
        let sees_logins = sees_all && caller.role() != Role::UserAdministrator;
        xml.open("USER");
        if sees_all {
            xml.text("USER_LOGIN", &self.login);
            xml.number("USER_ID", FIRST_ID + self.index);
            xml.cdata("EXTERNAL_ID", self.external_id.as_deref().unwrap_or_default());
        }
        self.contact(xml);
        if self.has_groups {
            xml.open("ASSIGNED_ASSET_GROUPS");
            xml.cdata("ASSET_GROUP_TITLE", "Servers Frankfurt");
            xml.cdata("ASSET_GROUP_TITLE", "PCI & Payments");
            xml.close("ASSIGNED_ASSET_GROUPS");
        }
        xml.text("USER_STATUS", self.status);
        xml.moment("CREATION_DATE", self.created);
        if sees_logins {
            match self.last_login {
                Some(moment) => xml.moment("LAST_LOGIN_DATE", moment),
                None => xml.text("LAST_LOGIN_DATE", "N/A"),
            }
        }
        xml.text("USER_ROLE", &self.role);
        xml.cdata("BUSINESS_UNIT", &self.unit);
        xml.flag("UNIT_MANAGER_POC", self.role == "Unit Manager");
        xml.flag("MANAGER_POC", self.index == 0);
        if permissions {
            let manages = self.role.ends_with("Manager");
            xml.open("PERMISSIONS");
            xml.flag("CREATE_OPTION_PROFILES", manages);
            xml.flag("PURGE_INFO", manages);
            xml.flag("ADD_ASSETS", manages);
            xml.flag("EDIT_REMEDIATION_POLICY", manages);
            xml.flag("EDIT_AUTH_RECORDS", manages);
            xml.close("PERMISSIONS");
        }
        xml.close("USER");
    }

    fn contact(&self, xml: &mut Xml<'_>) {
        xml.open("CONTACT_INFO");
        xml.cdata("FIRSTNAME", &self.first_name);
        xml.cdata("LASTNAME", &self.last_name);
        xml.cdata("TITLE", texts::odd(self.index).unwrap_or("Engineer, Security"));
        xml.cdata("PHONE", "555 0100");
        xml.cdata("FAX", "");
        xml.cdata("EMAIL", &self.email);
        xml.cdata("COMPANY", "Acme, Inc.");
        xml.cdata("ADDRESS1", "1 Example Street");
        xml.cdata("ADDRESS2", "");
        xml.cdata("CITY", "Frankfurt");
        xml.text("COUNTRY", "Germany");
        xml.text("STATE", "");
        xml.cdata("ZIP_CODE", "60311");
        xml.cdata("TIME_ZONE_CODE", "Auto");
        xml.close("CONTACT_INFO");
    }
}

impl Users {
    fn admits(&self, user: &User) -> bool {
        let id = user.external_id.as_deref();
        self.assigned.is_none_or(|assigned| assigned == id.is_some())
            && self.contains.as_deref().is_none_or(|part| id.is_some_and(|id| id.contains(part)))
    }
}

impl Rows for Users {
    fn head(&mut self, _: &mut Xml<'_>) {}

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        let added = usize::try_from(self.next.saturating_sub(self.world.users)).unwrap_or(usize::MAX);
        let user = if self.next < self.world.users {
            User::at(&self.world, self.next).switched(&self.switched)
        } else if let Some(added) = self.added.get(added) {
            User::added(added, self.next).switched(&self.switched)
        } else if added == self.added.len() && self.caller.is_further() {
            User::caller(&self.caller, &self.world, self.next)
        } else {
            return false;
        };
        self.next += 1;
        if self.admits(&user) {
            if !self.listed {
                xml.open("USER_LIST");
                self.listed = true;
                user.write(xml, &self.caller, self.permissions);
            } else {
                user.write(&mut xml.deeper(), &self.caller, self.permissions);
            }
        }
        true
    }

    fn foot(&mut self, xml: &mut Xml<'_>) {
        if self.listed {
            xml.deeper().close("USER_LIST");
        }
    }
}
