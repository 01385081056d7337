//! Tags and connectors, which the portal lists: to an account that may list them. One that may not can launch all the same, so
//! that they are sent as they were given then.

use exhibit_plugin::Error;

use super::Launch;
use super::parts::{Found, chosen, portal};
use crate::operations::call::Reply;
use crate::operations::names::What;
use crate::qualys::reading::Stop;

const TAG: What = What { one: "tag", parameter: "tags" };
const CONNECTOR: What = What { one: "connector", parameter: "connector" };
/// What a person reads where a name was not found out to be right.
const UNCHECKED: &str = "not looked up: Qualys refuses what it does not know";

impl Launch {
    /// Takes the answer to a search for tags.
    pub(super) fn learn_tags(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        let all = listed(reply)?;
        let mut remark = String::new();
        for tag in &mut self.targets.tags {
            match find(TAG, tag, all.as_deref())? {
                Some(found) => *tag = found.name,
                None => remark = UNCHECKED.to_owned(),
            }
        }
        self.targets.tags_remark = Some(remark);
        Ok(())
    }

    /// Takes the answer to a search for connectors.
    pub(super) fn learn_connector(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        let all = listed(reply)?;
        if let Some(cloud) = &mut self.cloud {
            cloud.remark = Some(match find(CONNECTOR, &cloud.connector, all.as_deref())? {
                Some(found) => {
                    cloud.connector = found.name;
                    format!("id {}", found.id)
                }
                None => UNCHECKED.to_owned(),
            });
        }
        Ok(())
    }
}

/// What the account can list, and whether that is all; `None` where it can list nothing.
fn listed(reply: &Reply<'_>) -> Result<Option<Vec<Found>>, Stop> {
    match reply.records(portal) {
        // Names that are on no page, and those of what the account may not see, are not known to be wrong.
        Ok(records) => Ok(Some(records.records).filter(|it| !it.is_empty() && !records.is_cut)),
        Err(Stop::Failed(Error::Denied(_) | Error::Unlicensed(_) | Error::Rejected(_))) => Ok(None),
        Err(stop) => Err(stop),
    }
}

fn find(what: What, wanted: &str, all: Option<&[Found]>) -> Result<Option<Found>, Error> {
    all.map(|all| chosen(what, wanted, all)).transpose()
}
