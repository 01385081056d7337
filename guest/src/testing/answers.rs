//! Answers of Qualys that tests of several modules give.

/// The portal's answer with these records.
pub(crate) fn service_response(records: &[String]) -> String {
    format!(
        "<ServiceResponse><responseCode>SUCCESS</responseCode><count>{}</count><hasMoreRecords>false</hasMoreRecords><data>{}</data>\
         </ServiceResponse>",
        records.len(),
        records.concat()
    )
}
