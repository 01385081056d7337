//! What Qualys lists beside names, and nothing may keep: the host blanks it in answers before the plugin has them.

/// Of scanner appliances: the code that activates one, and how it reaches the Internet.
pub const APPLIANCES: &[&str] = &["ACTIVATION_CODE", "PROXY_SETTINGS", "API_PROXY_SETTINGS"];

/// Of option profiles for VM scans: the user names and passwords of a list for brute-force checks.
pub const OPTION_PROFILES: &[&str] = &["LOGIN_PASSWORD"];

/// Of AWS connectors: the role that Qualys takes on, and the secret that it does so with.
pub const CONNECTORS: &[&str] = &["arn", "externalId"];

/// Of authentication records for web application scans, whose fields are sent with their values, and scripts that sign in.
pub const SIGN_INS: &[&str] = &["WebAppAuthFormRecordField", "seleniumScript"];

/// Of a user who was added: the first password, where no e-mail has it.
pub const NEW_USERS: &[&str] = &["PASSWORD"];

/// All of these, for the manifest.
pub fn names(all: &[&[&str]]) -> Vec<String> {
    all.concat().into_iter().map(str::to_owned).collect()
}
