//! How much there is to compile, counted before the compiler sees any of it.
//!
//! Only what makes a compiler slow is counted. Whether code is valid is for the compiler to say, so what makes no sense
//! here counts as nothing.

use wasmparser::{
    BlockType, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentType, ComponentTypeDeclaration, ComponentTypeRef, CompositeInnerType, CoreType, FunctionBody,
    InstanceTypeDeclaration, ModuleTypeDeclaration, Operator, Parser, Payload, RecGroup, TypeRef,
};

use super::counted::{Counted, Exceeded};
use super::limits::{BLOCK_DEPTH, FUNCTION_STEPS};

/// The most that was found of each, or all of it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Figures([u64; Counted::ALL.len()]);

impl Figures {
    /// Counts what is in a component, to its end or to the first that is too much.
    ///
    /// # Errors
    ///
    /// Where there is too much of something.
    pub(super) fn of(component: &[u8]) -> Result<Self, Exceeded> {
        let mut count = Count::default();
        for payload in Parser::new(0).parse_all(component) {
            // The compiler reads it in the same way, and says what is wrong.
            let Ok(payload) = payload else { break };
            count.payload(payload)?;
        }
        Ok(count.figures)
    }

    #[cfg(test)]
    pub(super) fn get(&self, what: Counted) -> u64 {
        self.0[what as usize]
    }

    fn add(&mut self, what: Counted, more: u64) -> Result<(), Exceeded> {
        let found = self.0[what as usize].saturating_add(more);
        self.set(what, found)
    }

    fn most(&mut self, what: Counted, found: u64) -> Result<(), Exceeded> {
        self.set(what, found.max(self.0[what as usize]))
    }

    fn set(&mut self, what: Counted, found: u64) -> Result<(), Exceeded> {
        self.0[what as usize] = found;
        if found > what.limit() { Err(Exceeded { what, found }) } else { Ok(()) }
    }
}

#[derive(Default)]
struct Count {
    figures: Figures,
    levels: Vec<Level>,
    /// The most instances that one of any of the components takes that were read.
    largest: u64,
}

/// A module or a component that is being read.
#[derive(Default)]
struct Level {
    is_module: bool,
    /// Instances that one of it takes, itself included.
    instances: u64,
    /// The index space of components: the instances of each.
    components: Vec<u64>,
    /// The index space of types of a module: the shape of each function's.
    types: Vec<Shape>,
    /// The index space of functions of a module: the type of each.
    functions: Vec<u32>,
    /// How many of these are imported, and so many bodies were read.
    bodies: usize,
}

/// The numbers of a function's parameters and results.
#[derive(Default, Clone, Copy)]
struct Shape {
    params: u32,
    results: u32,
}

impl Shape {
    fn values(self) -> u64 {
        u64::from(self.params) + u64::from(self.results)
    }
}

impl Count {
    fn payload(&mut self, payload: Payload<'_>) -> Result<(), Exceeded> {
        match payload {
            Payload::Version { .. } if self.levels.is_empty() => self.levels.push(Level::new(false)),
            Payload::ModuleSection { .. } => self.enter(true)?,
            Payload::ComponentSection { .. } => self.enter(false)?,
            Payload::End(_) => self.leave(),
            Payload::CodeSectionEntry(body) => self.body(&body)?,
            section => self.section(&section)?,
        }
        Ok(())
    }

    fn enter(&mut self, is_module: bool) -> Result<(), Exceeded> {
        self.levels.push(Level::new(is_module));
        self.figures.add(Counted::Parts, 1)?;
        self.figures.most(Counted::Depth, self.levels.len() as u64)
    }

    fn leave(&mut self) {
        let Some(ended) = self.levels.pop() else { return };
        if ended.is_module {
            return;
        }
        self.largest = self.largest.max(ended.instances);
        if let Some(around) = self.levels.last_mut() {
            around.components.push(ended.instances);
        }
    }

    fn section(&mut self, section: &Payload<'_>) -> Result<(), Exceeded> {
        let entries = match section {
            Payload::ImportSection(it) => it.count(),
            Payload::TableSection(it) => it.count(),
            Payload::MemorySection(it) => it.count(),
            Payload::TagSection(it) => it.count(),
            Payload::GlobalSection(it) => it.count(),
            Payload::ExportSection(it) => it.count(),
            Payload::ElementSection(it) => it.count(),
            Payload::DataSection(it) => it.count(),
            Payload::ComponentAliasSection(it) => it.count(),
            Payload::ComponentCanonicalSection(it) => it.count(),
            Payload::ComponentImportSection(it) => it.count(),
            Payload::ComponentExportSection(it) => it.count(),
            _ => 0,
        };
        self.figures.add(Counted::Entries, entries.into())?;
        match section {
            Payload::TypeSection(types) => {
                for group in types.clone().into_iter().flatten() {
                    self.rec_group(&group)?;
                }
            }
            Payload::CoreTypeSection(types) => {
                for ty in types.clone().into_iter().flatten() {
                    self.core_type(&ty)?;
                }
            }
            Payload::ComponentTypeSection(types) => {
                for ty in types.clone().into_iter().flatten() {
                    self.component_type(&ty)?;
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.clone().into_imports().flatten() {
                    if let (TypeRef::Func(ty) | TypeRef::FuncExact(ty), Some(level)) =
                        (import.ty, self.levels.last_mut())
                    {
                        level.functions.push(ty);
                        level.bodies += 1;
                    }
                }
            }
            Payload::FunctionSection(functions) => {
                self.figures.add(Counted::Functions, functions.count().into())?;
                if let Some(level) = self.levels.last_mut() {
                    level.functions.extend(functions.clone().into_iter().flatten());
                }
            }
            Payload::InstanceSection(instances) => self.instances(instances.count().into())?,
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances.clone().into_iter().flatten() {
                    let taken = match instance {
                        ComponentInstance::Instantiate { component_index, .. } => {
                            self.component(0, component_index)
                        }
                        ComponentInstance::FromExports(_) => 1,
                    };
                    self.instances(taken)?;
                }
            }
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases.clone().into_iter().flatten() {
                    self.alias(&alias);
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports.clone().into_iter().flatten() {
                    if let ComponentTypeRef::Component(_) = import.ty {
                        self.add_component(self.largest);
                    }
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports.clone().into_iter().flatten() {
                    if export.kind == ComponentExternalKind::Component {
                        self.add_component(self.component(0, export.index));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn instances(&mut self, more: u64) -> Result<(), Exceeded> {
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        level.instances = level.instances.saturating_add(more);
        // A component that is never instantiated is translated all the same.
        self.figures.most(Counted::Instances, level.instances)
    }

    /// The instances that one of this component takes, so many levels further out.
    fn component(&self, out: usize, index: u32) -> u64 {
        let level = self.levels.len().checked_sub(1 + out).and_then(|it| self.levels.get(it));
        level.and_then(|it| it.components.get(index as usize)).copied().unwrap_or(self.largest)
    }

    fn add_component(&mut self, instances: u64) {
        if let Some(level) = self.levels.last_mut() {
            level.components.push(instances);
        }
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) {
        match alias {
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                self.add_component(self.component(*count as usize, *index));
            }
            // Which one an instance exports is not followed: it is one of those that were read.
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                self.add_component(self.largest);
            }
            _ => {}
        }
    }

    fn rec_group(&mut self, group: &RecGroup) -> Result<(), Exceeded> {
        for ty in group.types() {
            self.figures.add(Counted::Types, 1)?;
            let shape = match &ty.composite_type.inner {
                CompositeInnerType::Func(it) => {
                    Shape { params: len(it.params()), results: len(it.results()) }
                }
                _ => Shape::default(),
            };
            self.figures.most(Counted::Values, shape.values())?;
            if let Some(level) = self.levels.last_mut() {
                level.types.push(shape);
            }
        }
        Ok(())
    }

    fn core_type(&mut self, ty: &CoreType<'_>) -> Result<(), Exceeded> {
        match ty {
            CoreType::Rec(group) => self.rec_group(group),
            CoreType::Module(declarations) => {
                self.figures.add(Counted::Types, 1)?;
                for it in declarations {
                    match it {
                        ModuleTypeDeclaration::Type(group) => self.rec_group(group)?,
                        _ => self.figures.add(Counted::Types, 1)?,
                    }
                }
                Ok(())
            }
        }
    }

    fn component_type(&mut self, ty: &ComponentType<'_>) -> Result<(), Exceeded> {
        self.figures.add(Counted::Types, 1)?;
        match ty {
            ComponentType::Func(it) => {
                let values = it.params.len() as u64 + u64::from(it.result.is_some());
                self.figures.most(Counted::Values, values)
            }
            ComponentType::Component(declarations) => {
                for it in declarations {
                    match it {
                        ComponentTypeDeclaration::CoreType(it) => self.core_type(it)?,
                        ComponentTypeDeclaration::Type(it) => self.component_type(it)?,
                        _ => self.figures.add(Counted::Types, 1)?,
                    }
                }
                Ok(())
            }
            ComponentType::Instance(declarations) => {
                for it in declarations {
                    match it {
                        InstanceTypeDeclaration::CoreType(it) => self.core_type(it)?,
                        InstanceTypeDeclaration::Type(it) => self.component_type(it)?,
                        _ => self.figures.add(Counted::Types, 1)?,
                    }
                }
                Ok(())
            }
            ComponentType::Defined(_) | ComponentType::Resource { .. } => Ok(()),
        }
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), Exceeded> {
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        let own = level.functions.get(level.bodies).map_or_else(Shape::default, |it| level.shape(*it));
        level.bodies += 1;
        let bytes = body.range().len() as u64;
        self.figures.most(Counted::FunctionBytes, bytes)?;
        let mut locals = u64::from(own.params);
        for it in body.get_locals_reader().into_iter().flatten() {
            locals = locals.saturating_add(it.map_or(0, |(count, _)| count.into()));
        }
        self.figures.most(Counted::Locals, locals)?;
        let work = bytes.saturating_mul(locals + 1);
        self.figures.most(Counted::FunctionWork, work)?;
        self.figures.add(Counted::Work, work)?;
        self.steps(body, own)
    }

    fn steps(&mut self, body: &FunctionBody<'_>, own: Shape) -> Result<(), Exceeded> {
        let Some(level) = self.levels.last() else { return Ok(()) };
        let Ok(mut operators) = body.get_operators_reader() else { return Ok(()) };
        // How many values a branch to each open block passes on, the function's own first.
        let mut labels = vec![own.results];
        let (mut steps, mut depth) = (0_u64, 1);
        while !operators.eof() {
            let Ok(operator) = operators.read() else { break };
            let label = |relative: u32| {
                let index = labels.len().checked_sub(1 + relative as usize);
                index.and_then(|it| labels.get(it)).copied().map_or(0, u64::from)
            };
            let passed = match &operator {
                Operator::Call { function_index: it } | Operator::ReturnCall { function_index: it } => {
                    level.functions.get(*it as usize).map_or(0, |it| level.shape(*it).values())
                }
                Operator::CallIndirect { type_index: it, .. }
                | Operator::ReturnCallIndirect { type_index: it, .. }
                | Operator::CallRef { type_index: it }
                | Operator::ReturnCallRef { type_index: it } => level.shape(*it).values(),
                Operator::Block { blockty }
                | Operator::If { blockty }
                | Operator::TryTable { try_table: wasmparser::TryTable { ty: blockty, .. } } => {
                    let shape = level.block(*blockty);
                    labels.push(shape.results);
                    shape.values()
                }
                Operator::Loop { blockty } => {
                    let shape = level.block(*blockty);
                    labels.push(shape.params);
                    shape.values()
                }
                Operator::Else => label(0),
                Operator::End => labels.pop().map_or(0, u64::from),
                Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => label(*relative_depth),
                Operator::BrTable { targets } => {
                    let of_targets = targets.targets().flatten().map(|it| label(it) + 1);
                    of_targets.fold(label(targets.default()), u64::saturating_add)
                }
                Operator::Return => own.results.into(),
                _ => 0,
            };
            steps = steps.saturating_add(passed + 1);
            depth = depth.max(labels.len());
            if steps > FUNCTION_STEPS || depth as u64 > BLOCK_DEPTH {
                break;
            }
        }
        self.figures.most(Counted::FunctionSteps, steps)?;
        self.figures.most(Counted::BlockDepth, depth as u64)
    }
}

impl Level {
    fn new(is_module: bool) -> Self {
        Self { is_module, instances: 1, ..Self::default() }
    }

    fn shape(&self, ty: u32) -> Shape {
        self.types.get(ty as usize).copied().unwrap_or_default()
    }

    fn block(&self, ty: BlockType) -> Shape {
        match ty {
            BlockType::Empty => Shape::default(),
            BlockType::Type(_) => Shape { params: 0, results: 1 },
            BlockType::FuncType(index) => self.shape(index),
        }
    }
}

fn len<T>(values: &[T]) -> u32 {
    u32::try_from(values.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
