//! Sources that answer anything: an operation ends, sends one write at most, and never panics.

use exhibit_plugin::collection::Effect;
use exhibit_plugin::{Kind, Value};

use super::model::Model;
use crate::testing::{Reply, Setup, operate};

/// SplitMix64: the same seed, the same answers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}

const STATUSES: [u16; 12] = [200, 200, 200, 200, 202, 301, 401, 403, 404, 409, 500, 503];

const BODIES: [&str; 9] = [
    "",
    "<html></html>",
    "<SIMPLE_RETURN><RESPONSE><CODE>1965</CODE><TEXT>\u{1}later</TEXT></RESPONSE></SIMPLE_RETURN>",
    "<SIMPLE_RETURN><RESPONSE><TEXT>x</TEXT><ITEM_LIST><ITEM><KEY>REFERENCE</KEY><VALUE>scan/\u{202e}</VALUE></ITEM></ITEM_LIST></RESPONSE></SIMPLE_RETURN>",
    "<ServiceResponse><responseCode>SUCCESS</responseCode><count>1</count><data><WasScan><id>1</id><id>2</id></WasScan></data></ServiceResponse>",
    "<ServiceResponse><responseCode>SUCCESS</responseCode><data><WebApp><id/><name>Weekly</name></WebApp></data></ServiceResponse>",
    "<SCAN_LIST_OUTPUT><RESPONSE><SCAN_LIST><SCAN><REF>scan/1</REF><TITLE>Weekly [exhibit job-1]</TITLE><LAUNCH_DATETIME>9999-12-31T23:59:59Z\
     </LAUNCH_DATETIME><DURATION>99999999999 days 23:59:59</DURATION><STATUS><STATE>Finished</STATE></STATUS><TARGET>,,;::/0,1.2.3.4-0.0.0.0,</TARGET>\
     </SCAN></SCAN_LIST></RESPONSE></SCAN_LIST_OUTPUT>",
    "<USER_LIST_OUTPUT><USER_LIST><USER><USER_LOGIN>Weekly</USER_LOGIN><USER_STATUS>Active</USER_STATUS></USER></USER_LIST></USER_LIST_OUTPUT>",
    "<USER_OUTPUT><RETURN status=\"SUCCESS\" number=\"-1\"/></USER_OUTPUT>",
];

/// An operation with a value for each parameter that it needs.
fn setup(operation: &exhibit_plugin::catalog::Operation) -> Setup {
    let needed = operation.parameters.iter().filter(|it| it.required);
    let setup = needed.fold(Setup::operate(&operation.name), |setup, it| {
        let choice = it.choices.first().map_or("Weekly", |it| it.value.as_str());
        let value = match it.name.as_str() {
            "email" => "nu@acme.example",
            "option-profile" => "Initial Options",
            "scanner" => "fra-1",
            _ => choice,
        };
        setup.with_text(&it.name, value)
    });
    let has = |name: &str| operation.parameters.iter().any(|it| it.name == name && it.kind != Kind::Text);
    let setup = if has("wait") { setup.with_value("wait", Value::Boolean(true)) } else { setup };
    if has("instances") {
        setup.with("instances", &["i-1"])
    } else if has("host-names") {
        setup.with("host-names", &["www.acme.example"])
    } else {
        setup
    }
}

#[test]
fn whatever_comes_an_operation_ends_and_writes_once_at_most() {
    let mut ended = 0;
    for operation in crate::catalog::manifest().operations {
        let (setup, mut wrote) = (setup(&operation), 0);
        for seed in 0..120 {
            let mut dice = Dice(seed);
            // Each source answers well at first, so that all stages are reached.
            let good = dice.below(8);
            let mut model = Model::new().with_scan("scan/1", "Weekly", "Running").with_user(
                "Weekly",
                "a@b.example",
                "Active",
            );
            let (mut answers, mut writes) = (0, 0);
            let done = operate(&setup, dice.below(2) == 0, |asked| {
                let Ok(request) = asked else { return model.react(asked) };
                let is_write = matches!(request.effect, Effect::Write(_));
                writes += usize::from(is_write);
                answers += 1;
                if answers <= good && !request.path.starts_with("/qps/") {
                    return model.react(asked);
                }
                let body = BODIES[dice.below(BODIES.len())].as_bytes();
                let cut = if dice.below(3) == 0 { dice.below(body.len() + 1) } else { body.len() };
                let reply = Reply::bytes(&body[..cut]).status(STATUSES[dice.below(STATUSES.len())]);
                (dice.below(6) > 0).then_some(reply)
            });
            assert!(writes < 2, "{} seed {seed}", operation.name);
            wrote += writes;
            if let Ok(done) = done {
                assert_eq!(done.rows.len(), 1, "{} seed {seed}", operation.name);
                ended += 1;
            }
        }
        // The model does not know the portal; an inactive user is not in it.
        let is_known = !operation.name.contains("was")
            && operation.name != "activate-user"
            && operation.name != "resume-scan";
        assert!(wrote > 20 || !is_known, "{}: {wrote} writes", operation.name);
    }
    assert!(ended > 100, "{ended}");
}

/// What it says where a list that it asks for is this.
fn said_of(setup: &Setup, path: &str, list: &str) -> String {
    let mut model = Model::new().with_scan("scan/1", "Weekly", "Running");
    let said = operate(setup, false, |asked| match asked {
        Ok(request) if request.path == path => Some(Reply::new(200, list)),
        _ => model.react(asked),
    });
    super::model::refusal(said)
}

#[test]
fn a_list_that_does_not_say_that_it_is_empty_is_not_empty() {
    let scan = Setup::operate("cancel-scan").with_text("scan", "Weekly");
    let user = Setup::operate("deactivate-user").with_text("user", "acme_ab1");
    let tag = setup(&crate::catalog::manifest().operations[1]).with("tags", &["Web"]);
    let scans = [
        "<SCAN_LIST_OUTPUT/>",
        "<SCAN_LIST_OUTPUT><REQUEST><DATETIME>2026-11-01T00:00:00Z</DATETIME></REQUEST><RESPONSE/></SCAN_LIST_OUTPUT>",
        "<SCAN_LIST_OUTPUT><RESPONSE><DATETIME/></RESPONSE></SCAN_LIST_OUTPUT>",
    ];
    for list in scans {
        let said = said_of(&scan, "/api/3.0/fo/scan/", list);
        assert!(said.contains("without any SCAN, and does not say that there are none"), "{said}");
    }
    let said = said_of(&user, "/msp/user_list.php", "<USER_LIST_OUTPUT><USER_LIST/></USER_LIST_OUTPUT>");
    assert!(said.contains("without any USER, and does not say that there are none"), "{said}");
    for content in ["", "<count>2</count>", "<count/><data/>"] {
        let list =
            format!("<ServiceResponse><responseCode>SUCCESS</responseCode>{content}</ServiceResponse>");
        let said = said_of(&tag, "/qps/rest/2.0/search/am/tag", &list);
        assert!(said.contains("no Tag, and does not say that there are none"), "{said}");
    }
}
