//! Plugins as commands name them, loaded.

use std::borrow::Cow;

use exhibit::plugin::{Engine, LoadError, Plugin};

use super::builtin;
use super::compiler::{engine, engine_for_others};
use super::environment::Environment;
use super::failure::Failure;
use super::plugin_ref::PluginRef;

/// This plugin, or the built-in one.
pub(super) async fn load(named: Option<&PluginRef>, environment: &Environment) -> Result<Plugin, Failure> {
    let (engine, component) = read_component(named, environment).await?;
    let loaded = Plugin::load(&engine, &component, environment.cache.as_deref()).await;
    loaded.map_err(|error| refused(&error, named.is_some()).during(loading(named)))
}

/// The bytes of this plugin, or of the built-in one, and what runs them.
pub(super) async fn read_component(
    named: Option<&PluginRef>,
    environment: &Environment,
) -> Result<(Engine, Cow<'static, [u8]>), Failure> {
    Ok(match named {
        None => (engine()?, Cow::Borrowed(builtin::component())),
        Some(it) => {
            let component = it.read(environment.cache.as_deref()).await?;
            (engine_for_others()?, Cow::Owned(component))
        }
    })
}

fn loading(named: Option<&PluginRef>) -> String {
    match named {
        Some(it) => format!("loading the plugin {it}"),
        None => "loading the built-in plugin".to_owned(),
    }
}

/// A file that is no plugin is a mistake of the call, as long as it was named there.
fn refused(error: &LoadError, named: bool) -> Failure {
    let of_the_call = error.is_of_the_machine() || named && error.is_of_the_call();
    let failure = if of_the_call { Failure::call(error) } else { Failure::source(error) };
    failure.with(error.remedy())
}
