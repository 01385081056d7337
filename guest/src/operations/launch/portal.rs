//! Tags and connectors, which the portal lists: to an account that may list them. One that may not can launch all the same, so
//! that they are sent as they were given then.

use exhibit_plugin::Error;
use exhibit_plugin::xml::Element;

use super::Launch;
use super::machines::Connector;
use super::parts::{FoundConnector, FoundTags};
use crate::names::{What, choose};
use crate::operations::call::Reply;
use crate::operations::found::{Found, check_name_is_enough};
use crate::qualys::reading::{Stop, short};

const TAG: What = What { one: "tag", parameter: "tags" };
const CONNECTOR: What = What { one: "connector", parameter: "connector" };

impl Launch {
    /// Takes the answer to a search for tags.
    pub(super) fn learn_tags(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        let all = listed(reply, |it| {
            let text = |name: &str| it.get(name).map(short).filter(|it| !it.is_empty());
            let rule = text("ruleType").map(|it| format!("rule {it}"));
            let parent = text("parentTagId").map(|it| format!("in the tag {it}"));
            Found::read(it, rule.into_iter().chain(parent).collect::<Vec<_>>().join(", "))
        })?;
        self.targets.found_tags = Some(match all {
            None => FoundTags::Unchecked,
            Some(all) => {
                let wanted = self.targets.tags.iter();
                let found = wanted.map(|it| Found::choose(TAG, it, &all)).collect::<Result<Vec<_>, _>>()?;
                self.targets.tags = found.iter().map(|it| it.name.clone()).collect();
                FoundTags::Listed(found)
            }
        });
        Ok(())
    }

    /// Takes the answer to a search for connectors.
    pub(super) fn learn_connector(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        let all = listed(reply, Connector::read)?;
        if let Some(cloud) = &mut self.cloud {
            cloud.found = Some(match all {
                None => FoundConnector::Unchecked,
                Some(all) => {
                    let wanted = cloud.connector.as_str();
                    let choice = choose(CONNECTOR, wanted, &all)?;
                    let names: Vec<Found> = all.iter().map(|it| it.found.clone()).collect();
                    check_name_is_enough(CONNECTOR, &choice.one.found, &names)?;
                    let mut connector = choice.one.clone();
                    connector.found = connector.found.named_by(wanted, choice.has_namesake);
                    cloud.connector.clone_from(&connector.found.name);
                    FoundConnector::Listed(Box::new(connector))
                }
            });
        }
        Ok(())
    }
}

/// What the account can list, where that is all; `None` where it can list nothing.
fn listed<T>(reply: &Reply<'_>, read: impl FnMut(&Element<'_>) -> Option<T>) -> Result<Option<Vec<T>>, Stop> {
    match reply.records(read) {
        // Names that are on no page, and those of what the account may not see, are not known to be wrong.
        Ok(records) => Ok(Some(records.records).filter(|it| !it.is_empty() && !records.is_cut)),
        Err(Stop::Failed(Error::Denied(_) | Error::Unlicensed(_) | Error::Rejected(_))) => Ok(None),
        Err(stop) => Err(stop),
    }
}
