//! The Qualys plugin looks up what operations choose from, over as many pages as there are.

mod plugin;

use std::collections::BTreeSet;

use exhibit_plugin::Work;
use exhibit_plugin::collection::{Job, Step, Task};
use exhibit_plugin::types::Value;
use exhibit_qualys::{Qualys, catalog};
use exhibit_simulator::{Simulator, World};
use plugin::{job, send};

/// No lookup takes more.
const STEPS: usize = 20;

#[tokio::test]
async fn every_lookup_lists_all_values_over_its_pages() {
    let (tags, web_applications, asset_groups) = (2_130, 1_050, 1_030);
    let world = World {
        tags,
        web_applications,
        asset_groups,
        gzip: false,
        rate_limit: 1_000_000,
        ..World::default()
    };
    let simulator = Simulator::start(world).await.expect("a free port");
    for lookup in catalog::manifest().lookups {
        let task = Task::LookUp(lookup.name.clone());
        let mut work = Work::open::<Qualys>(Job { task, id: None, ..job("", "", &[]) }).expect("opens");
        let (mut rows, mut pages, mut is_done) = (Vec::new(), 0, false);
        for _ in 0..STEPS {
            match work.next().expect("a step") {
                Step::Send(request) => {
                    let (head, body) = send(&simulator, &request).await.expect("an answer");
                    work.accept(&head).expect("asked for");
                    rows.extend(work.feed(&body).expect("readable").rows);
                    rows.extend(work.end().expect("a list").rows);
                    pages += 1;
                }
                Step::Wait(_) => work.waited(),
                Step::Finished(_) => {
                    is_done = true;
                    break;
                }
            }
        }
        let name = lookup.name.as_str();
        let at = lookup.fields.iter().position(|it| it.name == lookup.value).expect("a field");
        assert!(is_done && !rows.is_empty(), "{name}");
        assert!(rows.iter().all(|it| matches!(it[at], Value::Text(_))), "{name}");
        let written = format!("{rows:?}");
        assert!(!written.contains("never-to-be-read"), "{written}");
        let expected = match name {
            "tags" => Some((3, tags)),
            "web-applications" => Some((2, web_applications)),
            "asset-groups" => Some((2, asset_groups)),
            _ => None,
        };
        let values: BTreeSet<String> = rows.iter().map(|it| format!("{:?}", it[at])).collect();
        if let Some(expected) = expected {
            assert_eq!((pages, values.len() as u64), expected, "{name}: each value once");
            assert_eq!(rows.len(), values.len(), "{name}");
        }
    }
}
