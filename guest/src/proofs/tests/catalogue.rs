//! What the plugin says of itself and of each proof type, before anything is collected.

use exhibit_plugin::catalog::{AuthScheme, Parameter, ProofType};
use exhibit_plugin::tester::Tester;

use super::at;
use crate::proofs::ALL;

/// A proof type in a few lines.
fn described(proof_type: &ProofType) -> String {
    let criteria: Vec<&str> = proof_type.criteria.iter().map(|it| it.name.as_str()).collect();
    let window = proof_type.window.as_ref().map(|it| it.help.as_str());
    let link = proof_type.link.as_ref().expect("a link to the console");
    format!(
        "{} ({}), key: {}\n  schedule: {}\n  criteria: {}\n  window: {}\n  needs: {}\n  console: {}{}: {}",
        proof_type.label,
        proof_type.name,
        proof_type.key.join(" "),
        proof_type.schedule,
        if criteria.is_empty() { "none".to_owned() } else { criteria.join(" ") },
        window.unwrap_or("none"),
        proof_type.needs.join("; "),
        link.origin,
        link.path,
        link.note.as_deref().unwrap_or_default(),
    )
}

#[test]
fn a_proof_type_says_what_it_needs_and_where_the_console_shows_the_same() {
    let all: Vec<String> = crate::catalog::manifest().proof_types.iter().map(described).collect();
    insta::assert_snapshot!(all.join("\n"), @"
    List of Assets (assets), key: host-id
      schedule: 0 6 * * 1
      criteria: ips asset-groups tags
      window: Only hosts whose last VM scan ended in the window.
      needs: API access; the VM or the PC module
      console: api: The console shows the current state of the hosts, and also hosts that were never scanned.
    List of Users (users), key: username email
      schedule: 0 6 1 1,4,7,10 *
      criteria: none
      window: none
      needs: API access; the role Manager, or Unit Manager for a single business unit; a User Administrator sees no last logins, and other roles see no users
      console: api: The console shows the current state of the users.
    List of VM Scans (vm-scans), key: reference
      schedule: 0 6 * * 1
      criteria: states type targets user
      window: When the scans were launched. Without a window, the last 30 days.
      needs: API access; the VM module
      console: api/fo/scan/scanList.php: The console's list of scans is not limited to the window.
    List of PC Scans (pc-scans), key: reference
      schedule: 0 6 * * 1
      criteria: states type targets user
      window: When the scans were launched. Without a window, the last 30 days.
      needs: API access; the PC module
      console: api/fo/scan/scanList.php: The console's list of scans is not limited to the window.
    VM Remediation Tickets (tickets), key: id
      schedule: 0 6 * * 1
      criteria: states severities asset-groups
      window: When the tickets were last modified. Finding a vulnerability again does not modify its ticket.
      needs: API access; the VM module, with remediation policies that create tickets
      console: api/fo/remedy/index.php: The console shows the current state of the tickets and is not limited to the window.
    List of WAS Scans (was-scans), key: scan-id
      schedule: 0 6 * * 1
      criteria: status results-status authentication-status type mode application application-id
      window: When the scans were launched. Without a window, the last 30 days.
      needs: API access; the WAS module, with access to the web applications: scans of others are not listed
      console: api: The console's list of web application scans is not limited to the window.
    List of Certificates (certificates), key: certhash
      schedule: 0 6 * * 1
      criteria: expiring-in type tag
      window: none
      needs: API access; a CertView licence; a role that may view certificates: only those of assets in the account's tag scope are included
      console: api: The console shows the current state of the certificates.
    Host Detections (detections), key: host-id qid port protocol instance fqdn ssl
      schedule: 0 6 * * 1
      criteria: severities status qids tags since results
      window: Only detections that were last updated in the window.
      needs: API access; the VM module; any role but Auditor; permission to read the KnowledgeBase, for titles, CVEs and patch availability
      console: api: The console shows the current state of the detections and is not limited to the window.
    List of Scan Schedules (scan-schedules), key: schedule-id
      schedule: 0 6 * * 1
      criteria: none
      window: none
      needs: API access; the VM module; the role Manager for all schedules, Unit Manager for those of the own business unit; a Scanner sees the account's own
      console: api: The console shows the current state of the schedules.
    ");
}

#[test]
fn a_connection_says_what_it_is_set_up_with_and_how_it_signs() {
    let manifest = crate::catalog::manifest();
    let described = |it: &Parameter| match (&it.default, it.required) {
        (Some(default), _) => format!("{}: {default:?}", it.name),
        (None, true) => format!("{}: required", it.name),
        (None, false) => format!("{}: optional", it.name),
    };
    let settings: Vec<String> = manifest.settings.iter().map(described).collect();
    let secrets: Vec<String> = manifest.secrets.iter().map(described).collect();
    assert_eq!(secrets, ["username: required", "password: required"]);
    insta::assert_snapshot!(settings.join("\n"), @r#"
    platform: required
    quota-reserve: Value::Integer(30)
    page-size: Value::Integer(10000)
    host-list-version: Value::Text("5.0")
    scan-list-version: Value::Text("3.0")
    pc-scan-list-version: Value::Text("2.0")
    schedule-list-version: Value::Text("5.0")
    detection-page-size: Value::Integer(250)
    detection-list-version: Value::Text("5.0")
    knowledge-base-version: Value::Text("4.0")
    certview-version: Value::Text("v2.1")
    private-gateway: optional
    option-profile-version: Value::Text("2.0")
    was-rescan-path: Value::Text("scan")
    asset-group-version: Value::Text("3.0")
    "#);
    let [auth, token] = manifest.auth.as_slice() else { panic!("two ways to sign") };
    let AuthScheme::Token(exchange) = &token.scheme else { panic!("a token") };
    assert_eq!(
        (token.name.as_str(), exchange.origin.as_str(), exchange.path.as_str()),
        ("token", "gateway", "/auth")
    );
    let form: Vec<String> = exchange.form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(form, ["username={username}", "password={password}", "token=true"]);
    assert_eq!(exchange.lifetime, 14_400);
    let AuthScheme::Basic(basic) = &auth.scheme else { panic!("HTTP Basic") };
    let names = (auth.name.as_str(), basic.username.as_str(), basic.password.as_str());
    assert_eq!(names, ("basic", "username", "password"));
}

#[test]
fn every_proof_type_of_the_list_is_described_by_its_own_name() {
    for (at, proof) in ALL.iter().enumerate() {
        assert_eq!((proof.describe)().name, proof.name);
        assert!(ALL[..at].iter().all(|it| it.name != proof.name), "{} is listed twice", proof.name);
    }
}

#[test]
fn suggested_tests_make_sense() {
    for proof_type in crate::catalog::manifest().proof_types {
        assert!(!proof_type.suggested.is_empty(), "{}", proof_type.name);
        let tester = Tester::open(&proof_type, &proof_type.suggested, at("2026-11-01"));
        assert!(tester.is_ok(), "{}: {:?}", proof_type.name, tester.err());
        for test in &proof_type.suggested {
            let frameworks = ["soc2:", "iso27001-2022:", "nist-800-53r5:", "pci-dss-4.0.1:", "cis-8.1:"];
            let is_mapped = |it: &str| test.controls.iter().any(|control| control.starts_with(it));
            assert!(frameworks.into_iter().all(is_mapped), "{}", test.name);
        }
    }
}
