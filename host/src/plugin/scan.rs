//! What a component wants of its host, read before it is compiled: the compiler takes seconds, and what the runtime
//! says afterwards is about the runtime, not about the component.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, ComponentType,
    ComponentTypeRef, Encoding, Instance, InstanceTypeDeclaration, Parser, Payload, TypeBounds,
};

use super::limits::{MEMORIES, SandboxLimits, TABLE_ELEMENTS, TABLES};
use super::linker::is_given;
use super::load_error::{LoadError, Needed};

/// How all WebAssembly begins.
const MAGIC: &[u8] = b"\0asm";
/// WebAssembly counts memory in pages of 64 KiB, where a memory does not say otherwise.
const PAGE_BITS: u32 = 16;

/// What a component wants of its host.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The names of all that it imports.
    pub(super) imports: Vec<String>,
    /// Of those, the names of what must be given to it: not those of interfaces that have nothing but plain types.
    wanted: Vec<String>,
    /// The names of all that it exports.
    pub(super) exports: Vec<String>,
    needs: Needs,
}

/// What an instance takes, of a component or of a module in it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Needs {
    core_instances: u64,
    memories: u64,
    /// Bytes of all memories before anything runs.
    memory: u64,
    tables: u64,
    /// Elements of the largest table before anything runs.
    table_elements: u64,
}

impl Needs {
    fn add(&mut self, other: Self) {
        self.core_instances = self.core_instances.saturating_add(other.core_instances);
        self.memories = self.memories.saturating_add(other.memories);
        self.memory = self.memory.saturating_add(other.memory);
        self.tables = self.tables.saturating_add(other.tables);
        self.table_elements = self.table_elements.max(other.table_elements);
    }
}

/// A module or a component that is being read.
#[derive(Debug, Default)]
struct Level {
    /// What one instance of it takes.
    needs: Needs,
    /// The index space of core modules: what an instance of each takes.
    modules: Vec<Needs>,
    /// The index space of components.
    components: Vec<Needs>,
    /// The index space of types: whether an instance of each has more than plain types.
    types: Vec<bool>,
    is_module: bool,
}

impl Scan {
    /// Reads the outlines of a component. Whether its code is valid is for the compiler to say.
    ///
    /// # Errors
    ///
    /// Where it is no component.
    pub(super) fn of(component: &[u8]) -> Result<Self, LoadError> {
        if !component.starts_with(MAGIC) {
            return Err(LoadError::NotAComponent("it does not begin as WebAssembly does".to_owned()));
        }
        let mut scan = Self::default();
        let mut levels: Vec<Level> = Vec::new();
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload.map_err(|error| invalid(&error))?;
            match payload {
                Payload::Version { encoding: Encoding::Module, .. } if levels.is_empty() => {
                    return Err(LoadError::CoreModule);
                }
                Payload::Version { .. } if levels.is_empty() => levels.push(Level::default()),
                Payload::ModuleSection { .. } => levels.push(Level { is_module: true, ..Level::default() }),
                Payload::ComponentSection { .. } => levels.push(Level::default()),
                Payload::End(_) => {
                    let Some(ended) = levels.pop() else { continue };
                    match levels.last_mut() {
                        Some(around) if ended.is_module => around.modules.push(ended.needs),
                        Some(around) => around.components.push(ended.needs),
                        None => scan.needs = ended.needs,
                    }
                }
                section => scan.section(&section, &mut levels).map_err(|error| invalid(&error))?,
            }
        }
        Ok(scan)
    }

    fn section(&mut self, section: &Payload<'_>, levels: &mut [Level]) -> wasmparser::Result<()> {
        let is_outermost = levels.len() == 1;
        match section {
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases.clone() {
                    alias_of(&alias?, levels);
                }
                return Ok(());
            }
            Payload::ComponentImportSection(imports) if is_outermost => {
                for import in imports.clone() {
                    let import = import?;
                    let types = levels.last().map_or(&[][..], |it| &it.types);
                    if is_wanted(import.ty, types) {
                        self.wanted.push(import.name.name.to_owned());
                    }
                    self.imports.push(import.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) if is_outermost => {
                for export in exports.clone() {
                    self.exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
        match levels.last_mut() {
            Some(level) => level.section(section),
            None => Ok(()),
        }
    }

    /// Whether it can run within these limits, with what a plugin is given.
    ///
    /// # Errors
    ///
    /// Where it wants what no plugin is given, or more than there is.
    pub(super) fn check(&self, limits: &SandboxLimits) -> Result<(), LoadError> {
        let imports: Vec<String> = self.wanted.iter().filter(|it| !is_given(it)).cloned().collect();
        if !imports.is_empty() {
            return Err(LoadError::Imports(imports));
        }
        let needs = self.needs;
        let counts = [
            (Needed::CoreInstances, needs.core_instances, u64::from(limits.core_instances)),
            (Needed::Memories, needs.memories, u64::from(MEMORIES)),
            (Needed::MemoryBytes, needs.memory, limits.memory as u64),
            (Needed::Tables, needs.tables, u64::from(TABLES)),
            (Needed::TableElements, needs.table_elements, TABLE_ELEMENTS as u64),
        ];
        match counts.into_iter().find(|(_, found, limit)| found > limit) {
            Some((what, found, limit)) => Err(LoadError::NeedsMore { what, found, limit }),
            None => Ok(()),
        }
    }
}

impl Level {
    fn section(&mut self, section: &Payload<'_>) -> wasmparser::Result<()> {
        match section {
            Payload::MemorySection(memories) => {
                for memory in memories.clone() {
                    let memory = memory?;
                    let page =
                        1_u64.checked_shl(memory.page_size_log2.unwrap_or(PAGE_BITS)).unwrap_or(u64::MAX);
                    self.needs.memories += 1;
                    self.needs.memory = self.needs.memory.saturating_add(memory.initial.saturating_mul(page));
                }
            }
            Payload::TableSection(tables) => {
                for table in tables.clone() {
                    self.needs.tables += 1;
                    self.needs.table_elements = self.needs.table_elements.max(table?.ty.initial);
                }
            }
            Payload::InstanceSection(instances) => {
                for instance in instances.clone() {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        self.needs.add(Needs { core_instances: 1, ..at(&self.modules, module_index) });
                    }
                }
            }
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances.clone() {
                    if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                        self.needs.add(at(&self.components, component_index));
                    }
                }
            }
            Payload::ComponentTypeSection(types) => {
                for ty in types.clone() {
                    self.types.push(has_more_than_types(&ty?));
                }
            }
            // What is imported is not known, and a plugin is given neither modules nor components.
            Payload::ComponentImportSection(imports) => {
                for import in imports.clone() {
                    match import?.ty {
                        ComponentTypeRef::Module(_) => self.modules.push(Needs::default()),
                        ComponentTypeRef::Component(_) => self.components.push(Needs::default()),
                        ComponentTypeRef::Type(_) => self.types.push(true),
                        _ => {}
                    }
                }
            }
            // What is exported has another index, too.
            Payload::ComponentExportSection(exports) => {
                for export in exports.clone() {
                    let export = export?;
                    match export.kind {
                        ComponentExternalKind::Module => self.modules.push(at(&self.modules, export.index)),
                        ComponentExternalKind::Component => {
                            self.components.push(at(&self.components, export.index));
                        }
                        ComponentExternalKind::Type => self.types.push(true),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether an instance of this type has something that its user must be given.
fn has_more_than_types(ty: &ComponentType<'_>) -> bool {
    let ComponentType::Instance(declarations) = ty else { return true };
    declarations.iter().any(|it| match it {
        InstanceTypeDeclaration::Export { ty, .. } => {
            !matches!(ty, ComponentTypeRef::Type(TypeBounds::Eq(_)) | ComponentTypeRef::Value(_))
        }
        _ => false,
    })
}

fn is_wanted(ty: ComponentTypeRef, types: &[bool]) -> bool {
    match ty {
        ComponentTypeRef::Instance(index) => types.get(index as usize).copied().unwrap_or(true),
        ComponentTypeRef::Type(TypeBounds::Eq(_)) => false,
        _ => true,
    }
}

/// Another index for a type, a module or a component.
fn alias_of(alias: &ComponentAlias<'_>, levels: &mut [Level]) {
    let is_type = matches!(
        alias,
        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. }
            | ComponentAlias::InstanceExport { kind: ComponentExternalKind::Type, .. }
    );
    if is_type && let Some(level) = levels.last_mut() {
        return level.types.push(true);
    }
    let (is_module, needs) = match alias {
        ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, count, index } => {
            (true, outer(levels, *count).map_or_else(Needs::default, |it| at(&it.modules, *index)))
        }
        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
            (false, outer(levels, *count).map_or_else(Needs::default, |it| at(&it.components, *index)))
        }
        // Which one an instance exports is not followed: what it takes is counted by the runtime alone.
        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. } => {
            (true, Needs::default())
        }
        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
            (false, Needs::default())
        }
        _ => return,
    };
    if let Some(level) = levels.last_mut() {
        if is_module { level.modules.push(needs) } else { level.components.push(needs) }
    }
}

fn outer(levels: &[Level], count: u32) -> Option<&Level> {
    levels.len().checked_sub(1)?.checked_sub(count as usize).and_then(|it| levels.get(it))
}

fn at(space: &[Needs], index: u32) -> Needs {
    space.get(index as usize).copied().unwrap_or_default()
}

fn invalid(error: &wasmparser::BinaryReaderError) -> LoadError {
    LoadError::NotAComponent(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Scan {
        Scan::of(&wat::parse_str(text).expect("a component")).expect("a component")
    }

    fn refused(text: &str) -> String {
        let checked = scan(text).check(&SandboxLimits::default());
        checked.map_or_else(|error| error.to_string(), |()| "can run".to_owned())
    }

    #[test]
    fn what_is_imported_and_not_given_is_listed() {
        let text = r#"(component
            (import "wasi:cli/environment@0.2.9" (instance))
            (import "wasi:http/outgoing-handler@0.2.6" (instance (export "handle" (func))))
            (import "wasi:sockets/network@0.2.6" (instance $network
                (export "network" (type (sub resource)))
                (type $family' (enum "ipv4" "ipv6")) (export "family" (type $family (eq $family')))))
            (alias export $network "family" (type $family))
            (import "family" (type (eq $family)))
            (import "wasi:cli/stdout@0.3.0" (instance (export "write" (func))))
            (import "acme:plain/types@1.0.0" (instance (type $t' (enum "a")) (export "t" (type (eq $t')))))
            (import "log" (func)))"#;
        assert_eq!(scan(text).imports.len(), 7);
        insta::assert_snapshot!(refused(text), @"the component imports what a plugin is not given: `wasi:http/outgoing-handler@0.2.6`, `wasi:sockets/network@0.2.6`, `wasi:cli/stdout@0.3.0` and `log`");
    }

    #[test]
    fn instances_of_components_within_are_counted_as_often_as_they_are_made() {
        let text = r#"(component
            (core module $small (memory 2) (table 3 funcref))
            (component $inner
                (alias outer 1 $small (core module $same))
                (core module $other (table 7 funcref))
                (core instance (instantiate $same))
                (core instance (instantiate $other))
                (core instance (instantiate $other)))
            (component $unused (core module $vast (memory 1000)) (core instance (instantiate $vast)))
            (instance (instantiate $inner))
            (instance (instantiate $inner))
            (export "renamed" (core module $small))
            (core instance (instantiate $small)))"#;
        let page = 1 << PAGE_BITS;
        let needs = Needs { core_instances: 7, memories: 3, memory: 6 * page, tables: 7, table_elements: 7 };
        assert_eq!(scan(text).needs, needs);
        assert_eq!(scan(text).exports, ["renamed"]);
    }

    /// A component with so many instances of this module.
    fn instances(module: &str, count: usize) -> String {
        format!("(component (core module $m {module}) {})", "(core instance (instantiate $m))".repeat(count))
    }

    #[test]
    fn what_takes_more_than_a_session_has_is_refused_with_how_much() {
        let said = [
            refused(&instances("", 64)),
            refused(&instances("", 65)),
            refused(&instances("(memory 1025)", 1)),
            refused(&instances("(memory 600)", 2)),
            refused(&instances("(memory 1)", 3)),
            refused(&instances("(table 1 funcref)", 9)),
            refused(&instances("(table 20001 funcref)", 1)),
        ];
        insta::assert_snapshot!(said.join("\n"), @"
        can run
        the component needs 65 core instances, and a session may have 64
        the component needs 67174400 bytes of memory before it runs, and a session may have 67108864
        the component needs 78643200 bytes of memory before it runs, and a session may have 67108864
        the component needs 3 memories, and a session may have 2
        the component needs 9 tables, and a session may have 8
        the component needs 20001 elements in one table, and a session may have 20000
        ");
    }

    #[test]
    fn what_is_no_component_is_named() {
        let module = wat::parse_str("(module)").expect("a module");
        assert!(matches!(Scan::of(&module), Err(LoadError::CoreModule)));
        let torn = wat::parse_str(instances("(memory 1)", 3)).expect("a component");
        for bytes in [&torn[..torn.len() - 3], &torn[..9], b"(component)", b""] {
            assert!(matches!(Scan::of(bytes), Err(LoadError::NotAComponent(_))), "{bytes:?}");
        }
    }
}
