//! Certificates, from an answer to rows.

use exhibit_plugin::problem::invalid;
use exhibit_plugin::tester::Tester;
use exhibit_plugin::testing::Outcome;
use exhibit_plugin::{Row, Value};

use super::{at, collected};
use crate::testing::{Collected, Reply, Setup, collect_from, refused, service_response};

const EMPTY: &str = "[]";

fn setup() -> Setup {
    Setup::new("certificates")
}

/// Collects one page, and the empty one after it.
fn rows(setup: Setup, page: &str) -> Collected {
    collected(setup, &[page, EMPTY])
}

/// One certificate's values, by field.
fn certificate(members: &str) -> impl Fn(&str) -> Value + use<> {
    let row = rows(setup(), &format!(r#"[{{"certhash":"ab12",{members}}}]"#)).rows.remove(0);
    let fields = (crate::proofs::certificates::PROOF.describe)().fields;
    move |name| row[fields.iter().position(|it| it.name == name).expect("a field")].clone()
}

fn text(it: &str) -> Value {
    Value::Text(it.to_owned())
}

#[test]
fn certificates() {
    let page = r#"[{"id":17,"certhash":"5F1A","keySize":2048,"publicKeyAlgorithm":"RSA","serialNumber":"0804e52686b8",
      "validFrom":1767225600000,"validFromDate":"2026-01-01T00:00:00.000+00:00","validTo":1795564799000,
      "validToDate":"2026-11-24T23:59:59.000+00:00","lastFound":1793400000000,"createdDate":"2026-01-02T00:00:00.000+00:00",
      "updateDate":"2026-10-30T22:00:00.000+00:00","signatureAlgorithm":"SHA256withRSA","extendedValidation":false,
      "selfSigned":false,"imported":false,"type":"Leaf","dn":"CN=www.example.com","subject":{"name":"www.example.com\u0000",
      "organization":"Example\u0000","organizationUnit":["IT"],"locality":"Berlin\u0000","state":"","country":"DE"},
      "issuer":{"name":"Example CA","organization":"Example","certhash":"00aa"},"rootissuer":{"name":"Root","certhash":"00bb"},
      "issuerCategory":"Others","instanceCount":3,"assetCount":2,"sources":["SCANNER"],
      "subjectAlternativeNames":{"IP Address":["192.0.2.1"],"DNS Name":["www.example.com","example.com"]},
      "assets":[{"id":1,"uuid":"u","netbiosName":"WEB","name":"web.corp.example","operatingSystem":"Debian","primaryIp":"192.0.2.1",
        "hostInstances":[{"id":1,"port":443,"fqdn":"www.example.com","protocol":"tcp","service":"https","grade":"A+"},
                         {"id":2,"port":8443,"protocol":"tcp","grade":"B"}],"tags":[{"name":"Prod","uuid":"t"}]},
       {"id":2,"primaryIp":"192.0.2.2","operatingSystem":"Debian","hostInstances":[{"port":443,"protocol":"tcp","grade":"A-"}]}]},
      {"id":18,"certhash":"77","subject":{},"validTo":1793491199000,"validToDate":null},
      {"id":19,"validToDate":"9999-12-31T23:59:59.000+00:00","subject":null},
      {"subject":{"name":"no identity"}}, 7]"#;
    insta::assert_snapshot!(rows(setup(), page), @r#"
    Method::Post /certview/v2.1/certificates 
      application/json: {"assetType":"ALL","includes":["ASSET_TAGS","EXTENSIVE_CERTIFICATE_INFO"],"pageNumber":0,"pageSize":200}
    Method::Post /certview/v2.1/certificates 
      application/json: {"assetType":"ALL","includes":["ASSET_TAGS","EXTENSIVE_CERTIFICATE_INFO"],"pageNumber":1,"pageSize":200}
    row
      common-name: www.example.com
      issuer: Example CA
      serial-number: 0804e52686b8
      valid-from: 2026-01-01T00:00:00Z
      valid-to: 2026-11-24T23:59:59Z
      days-left: 23
      key: RSA 2048
      signature-algorithm: SHA256withRSA
      self-signed: false
      hosts: web.corp.example | 192.0.2.2
      ports: 443/tcp | 8443/tcp
      grade: B
      certhash: 5F1A
      certificate-id: 17
      type: Leaf
      alternative-names: www.example.com | example.com | IP Address: 192.0.2.1
      distinguished-name: CN=www.example.com
      organization: Example
      organizational-units: IT
      locality: Berlin
      state: empty
      country: DE
      issuer-organization: Example
      issuer-hash: 00aa
      issuer-category: Others
      root-issuer: Root
      root-hash: 00bb
      key-algorithm: RSA
      key-size: 2048
      key-strength: sufficient
      extended-validation: false
      imported: false
      last-found: 2026-10-30T22:40:00Z
      created: 2026-01-02T00:00:00Z
      updated: 2026-10-30T22:00:00Z
      instance-count: 3
      asset-count: 2
      ip-addresses: 192.0.2.1 | 192.0.2.2
      operating-systems: Debian
      tags: Prod
      sources: SCANNER
    row
      common-name: 77…
      valid-to: 2026-10-31T23:59:59Z
      days-left: -1
      certhash: 77
      certificate-id: 18
    row
      common-name: ID 19
      valid-to: 9999-12-31T23:59:59Z
      days-left: empty
      certificate-id: 19
    rejected certificate number 4 of page 0: its identifier is missing
    rejected certificate number 5 of page 0: it is not a JSON object
    note Some texts contained NUL characters. They were removed at the ends of a text; elsewhere each is shown as \0.
    note Some certificates have no fingerprint: their ID tells them apart.
    note Qualys lists certificates page by page, in no documented order and without a total: where some were added or removed during the collection, others may be missing.
    note Only certificates of assets in the tag scope of the collecting account are included.
    pages 2, rows 3, rejected 2, duplicates 0, outside 0
    "#);
}

#[test]
fn the_same_instant_in_both_forms_gives_the_same_days() {
    // Now is 2026-11-01T00:00:00Z.
    for (member, days) in [
        (r#""validToDate":"2026-11-01T02:00:00.000+02:00""#, 0),
        (r#""validTo":1793491200000"#, 0),
        (r#""validTo":1793491199000"#, -1),
        (r#""validToDate":"2026-10-31T23:59:59Z""#, -1),
        (r#""validToDate":"2026-12-01T00:00:00Z""#, 30),
        (r#""validToDate":"2026-11-30T23:59:59Z""#, 29),
        (r#""validToDate":"0001-01-01T00:00:00Z""#, -739_920),
        (r#""validFrom":1793491200000,"validTo":0"#, -20_758),
    ] {
        assert_eq!(certificate(member)("days-left"), Value::Integer(days), "{member}");
    }
    assert_eq!(certificate(r#""validTo":253402300799000"#)("days-left"), Value::Empty, "it states no end");
    assert_eq!(certificate(r#""validTo":9223372036854775807"#)("valid-to"), Value::Absent);
    assert_eq!(certificate(r#""keySize":1"#)("days-left"), Value::Absent);
}

#[test]
fn a_certificate_without_a_common_name_has_a_label() {
    let label = |members: &str| certificate(members)("common-name");
    assert_eq!(
        label(r#""subject":{"name":"\u0000"},"subjectAlternativeNames":{"DNS Name":["","a.example"]}"#),
        text("a.example")
    );
    assert_eq!(
        label(r#""subjectAlternativeNames":{"IP Address":["192.0.2.7"]}"#),
        text("IP Address: 192.0.2.7")
    );
    assert_eq!(label(r#""id":1"#), text("ab12…"));
    assert_eq!(label(r#""subject":{"name":"trusted\u0000.evil"}"#), text("trusted\\0.evil"));
}

#[test]
fn keys_of_unknown_algorithms_are_not_weak() {
    for (members, shown, strength) in [
        (r#""publicKeyAlgorithm":"RSA","keySize":2048"#, "RSA 2048", "sufficient"),
        (r#""publicKeyAlgorithm":"RSA","keySize":1024"#, "RSA 1024", "weak"),
        (r#""publicKeyAlgorithm":"RSASSA-PSS","keySize":"1024""#, "RSASSA-PSS 1024", "weak"),
        (r#""publicKeyAlgorithm":"EC","keySize":256"#, "EC 256", "sufficient"),
        (r#""publicKeyAlgorithm":"ECDSA","keySize":224"#, "ECDSA 224", "weak"),
        (r#""publicKeyAlgorithm":"Ed25519","keySize":255"#, "Ed25519 255", "sufficient"),
        (r#""publicKeyAlgorithm":"ML-DSA-65","keySize":1952"#, "ML-DSA-65 1952", ""),
        (r#""publicKeyAlgorithm":"RSA","keySize":0"#, "RSA", ""),
        // Before v2.1 the algorithm is not named.
        (r#""keySize":4096"#, "4096 bits", "sufficient"),
        (r#""keySize":1024"#, "1024 bits", "weak"),
        (r#""keySize":384"#, "384 bits", ""),
    ] {
        let it = certificate(members);
        let strength = if strength.is_empty() { Value::Absent } else { text(strength) };
        assert_eq!((it("key"), it("key-strength")), (text(shown), strength), "{members}");
    }
}

#[test]
fn the_worst_grade_counts() {
    let grade = |grades: &[&str]| {
        let instances: Vec<String> =
            grades.iter().map(|it| format!(r#"{{"port":1,"grade":"{it}"}}"#)).collect();
        certificate(&format!(r#""assets":[{{"hostInstances":[{}]}}]"#, instances.join(",")))("grade")
    };
    assert_eq!(grade(&["A+", "A", "A-"]), text("A-"));
    assert_eq!(grade(&["A-", "B", "A+"]), text("B"));
    assert_eq!(grade(&["F", "T", "A"]), text("T"));
    assert_eq!(grade(&["NA", "A"]), text("A"));
    assert_eq!(grade(&["NA"]), text("NA"));
    assert_eq!(grade(&[]), Value::Absent);
}

#[test]
fn many_assets_stay_within_bounds_and_are_counted() {
    let asset = |it: usize| {
        format!(
            r#"{{"name":"{it}-{}","hostInstances":[{{"port":{it},"protocol":"tcp"}}]}}"#,
            "x".repeat(2_000)
        )
    };
    let assets: Vec<String> = (0..3_000).map(asset).collect();
    let page = format!(r#"[{{"certhash":"a","assetCount":3000,"assets":[{}]}}]"#, assets.join(","));
    let all = rows(setup(), &page);
    let bytes: usize = all.rows[0]
        .iter()
        .map(|it| match it {
            Value::Texts(texts) => texts.iter().map(String::len).sum(),
            _ => 0,
        })
        .sum();
    assert!(bytes < 512 << 10, "{bytes}");
    assert!(all.summary.notes.iter().any(|it| it.contains("more than 500 hosts")), "{:?}", all.summary.notes);
    let ports = certificate(&format!(r#""assets":[{}]"#, assets.join(",")))("ports");
    let Value::Texts(ports) = ports else { panic!("texts") };
    assert_eq!((ports.len(), ports.last().map(String::as_str)), (501, Some("and 2500 more")));
}

#[test]
fn serials_that_are_not_as_rfc_5280_wants_are_kept_as_they_are() {
    for serial in ["00", "-11d4c2", "ee2b3deb00c401", &"f".repeat(42), "2.19E+26"] {
        assert_eq!(certificate(&format!(r#""serialNumber":"{serial}""#))("serial-number"), text(serial));
    }
    let lost =
        rows(setup(), r#"[{"certhash":"a","serialNumber":45781090970669344851050903153492539723019237522}]"#);
    assert!(lost.summary.notes.iter().any(|it| it.contains("\"Serial Number\"")), "{:?}", lost.summary.notes);
}

#[test]
fn the_same_serial_of_two_authorities_is_two_certificates() {
    let page = r#"[{"certhash":"a","serialNumber":"01","issuer":{"name":"Easy-RSA CA"}},
                   {"certhash":"b","serialNumber":"01","issuer":{"name":"Easy-RSA CA"}}]"#;
    let all = rows(setup(), page);
    assert_eq!((all.rows.len(), all.summary.duplicates), (2, 0));
}

#[test]
fn what_ends_soon_is_asked_for_and_made_sure_of() {
    let page = r#"[{"certhash":"past","validTo":1},{"certhash":"edge","validToDate":"2026-12-01T00:00:00Z"},
                   {"certhash":"later","validToDate":"2026-12-01T00:00:00.001Z"},{"certhash":"unsaid"},
                   {"certhash":"never","validToDate":"9999-12-31T23:59:59Z"}]"#;
    let all = rows(setup().with_value("expiring-in", Value::Integer(30)), page);
    let said = all.to_string();
    assert_eq!((all.rows.len(), all.summary.outside_window), (3, 2), "{said}");
    assert!(
        said.contains(r#""filter":{"filters":[{"field":"certificate.validToDate","operator":"LESSER","value":"2026-12-02"}],"operation":"AND"}"#),
        "{said}"
    );
    assert!(said.contains("note Only certificates that end within 30 days are included"), "{said}");
    for within in [-1, 36_501, i64::MAX] {
        let refused = setup().with_value("expiring-in", Value::Integer(within)).session().err();
        assert!(refused.is_some_and(|it| matches!(it, exhibit_plugin::Error::Invalid(_))), "{within}");
    }
}

#[test]
fn criteria_and_settings_become_the_request() {
    let said = collected(
        setup()
            .set("certview-version", text("v2"))
            .with_value("type", text("unmanaged"))
            .with_value("tag", text("Prod & \"West\"")),
        &[&tags(&["Prod &amp; \"West\""]), EMPTY],
    )
    .to_string();
    let request = said.lines().take(4).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(request, @r#"
    Method::Post /qps/rest/2.0/search/am/tag 
      text/xml: <ServiceRequest><preferences><limitResults>1000</limitResults></preferences><filters><Criteria field="name" operator="EQUALS">Prod &amp; &quot;West&quot;</Criteria></filters></ServiceRequest>
    Method::Post /certview/v2/certificates 
      application/json: {"assetType":"UNMANAGED","filter":{"filters":[{"field":"asset.tagName","operator":"EQUALS","value":"Prod & \"West\""}],"operation":"AND"},"includes":["ASSET_TAGS","EXTENSIVE_CERTIFICATE_INFO"],"pageNumber":0,"pageSize":200}
    "#);
    for (version, path) in
        [("2.1", "v2.1"), ("v2.0", "v2"), ("2", "v2"), ("v2.2", "v2.2"), ("v10.12", "v10.12")]
    {
        let said = collected(setup().set("certview-version", text(version)), &[EMPTY]).to_string();
        assert!(said.starts_with(&format!("Method::Post /certview/{path}/certificates ")), "{said}");
    }
    for version in ["", "v", "v1", "1.0", "v0.1", "2.1.1", "v2/../x", "two", "v2.", "1234.1"] {
        assert!(setup().set("certview-version", text(version)).session().is_err(), "{version}");
    }
    assert!(setup().with_value("tag", text(" ")).session().is_err());
}

/// The answer to a search for tags.
fn tags(names: &[&str]) -> String {
    let tags: Vec<String> =
        names.iter().map(|it| format!("<Tag><id>1</id><name>{it}</name></Tag>")).collect();
    service_response(&tags)
}

#[test]
fn a_tag_that_is_not_there_is_refused_with_the_nearest_ones() {
    let refusals = [("Prods", &["West", "Prod"][..]), ("prod", &["West", "Prod"]), ("x", &["West"])];
    let refusals = refusals.map(|(tag, all)| {
        let answers = [tags(&[]), tags(all)].map(|it| Reply::new(200, &it));
        let problem = refused(setup().with_value("tag", text(tag)), &answers);
        let problem = problem.problem();
        assert_eq!(problem.subject.as_deref(), Some("tag"));
        format!("{}; {}", problem.message, problem.remedy.clone().unwrap_or_default())
    });
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    no tag is called "Prods"; choose one, the nearest first: Prod, West
    no tag is called "prod"; write it as Qualys does: Prod
    no tag is called "x"; choose one, the nearest first: West
    "#);
}

#[test]
fn a_tag_that_cannot_be_looked_up_is_asked_for_and_noted() {
    let denied = "<ServiceResponse><responseCode>UNAUTHORIZED</responseCode></ServiceResponse>";
    for nothing in [denied, &tags(&[])] {
        let said = collected(setup().with_value("tag", text("Prod")), &[nothing, nothing, EMPTY]).to_string();
        assert!(said.contains("note Whether there is an asset tag \"Prod\" was not checked"), "{said}");
        assert!(said.contains("\"asset.tagName\""), "{said}");
    }
    // A limit is waited for.
    let limit = Reply::new(429, "").header("retry-after", "7");
    let answers = [limit, Reply::new(200, &tags(&["Prod"])), Reply::new(200, EMPTY)];
    let done = collect_from(setup().with_value("tag", text("Prod")), &answers).expect("collected");
    assert_eq!(done.pauses.len(), 1);
    assert!(!done.to_string().contains("was not checked"), "{done}");
}

#[test]
fn a_private_platform_needs_the_address_of_its_gateway() {
    let private = || Setup::new("certificates").platform("private");
    let error = private().session().err().unwrap_or_else(|| invalid("it opens"));
    assert!(error.problem().message.contains("\"private-gateway\" is missing"), "{error:?}");
    assert!(private().set("private-gateway", text("https://gateway.example.com")).session().is_ok());
}

/// What the suggested tests say of one certificate.
fn outcomes(members: &str) -> Vec<(String, Outcome)> {
    let row = rows(setup(), &format!(r#"[{{"certhash":"a",{members}}}]"#)).rows;
    let proof_type = (crate::proofs::certificates::PROOF.describe)();
    let mut tester =
        Tester::open(&proof_type, &proof_type.suggested, at("2026-11-01")).expect("the tests make sense");
    let at = |name: &String| proof_type.fields.iter().position(|it| it.name == *name).expect("a field");
    let looked_at: Vec<usize> = tester.fields().iter().map(at).collect();
    let row: Row = looked_at.into_iter().map(|at| row[0][at].clone()).collect();
    let seen = tester.observe(&[row]).expect("a row of the type");
    proof_type.suggested.into_iter().map(|it| it.name).zip(seen.outcomes).collect()
}

#[test]
fn the_suggested_tests_find_what_is_wrong() {
    let good = r#""type":"Leaf","validToDate":"2027-11-01T00:00:00Z","publicKeyAlgorithm":"RSA","keySize":2048,
                  "signatureAlgorithm":"SHA256withRSA","selfSigned":false"#;
    let failing = |members: &str| -> Vec<String> {
        let of = |it: Outcome| matches!(it, Outcome::Fail | Outcome::Inconclusive);
        outcomes(members).into_iter().filter(|it| of(it.1)).map(|it| it.0).collect()
    };
    assert_eq!(failing(good), Vec::<String>::new());
    for (from, to, fails) in [
        ("2027-11-01", "2026-10-31", &["none-expired", "none-expires-within-30-days"][..]),
        ("2027-11-01", "2026-11-20", &["none-expires-within-30-days"]),
        ("2027-11-01", "9999-12-31", &[]),
        ("2048", "1024", &["no-weak-key"]),
        ("2048", "0", &["no-weak-key"]),
        ("RSA\",", "ML-DSA-65\",", &["no-weak-key"]),
        ("SHA256withRSA", "SHA1withRSA", &["no-sha-1-signature"]),
        ("SHA256withRSA", "ecdsa-with-SHA1", &["no-sha-1-signature"]),
        ("SHA256withRSA", "1.2.840.113549.1.1.5", &["no-sha-1-signature"]),
        ("SHA256withRSA", "OID.1.2.840.113549.1.1.5", &["no-sha-1-signature"]),
        ("SHA256withRSA", "1.2.840.113549.1.1.11", &[]),
        ("SHA256withRSA", "", &["no-sha-1-signature"]),
        ("\"selfSigned\":false", "\"selfSigned\":true", &["no-self-signed-leaf"]),
    ] {
        assert_eq!(failing(&good.replace(from, to)), fails, "{to}");
    }
    let root = good.replace("Leaf", "Root").replace("SHA256", "SHA1").replace(":false", ":true");
    assert_eq!(failing(&root), Vec::<String>::new(), "a root is self-signed by its nature");
    let self_signed = |kind: &str| failing(&good.replace(":false", ":true").replace("Leaf", kind));
    assert_eq!(self_signed("Intermediate"), Vec::<String>::new());
    for kind in ["Server", ""] {
        assert_eq!(self_signed(kind), ["no-self-signed-leaf"], "{kind:?} may be of a server");
    }
}
