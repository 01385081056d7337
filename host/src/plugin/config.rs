//! How the engine is configured: alike wherever a component is compiled and wherever it runs, or the one cannot use what
//! the other made.

use wasmtime::{Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use super::limits::{MEMORIES, SandboxLimits, TABLE_ELEMENTS, TABLES};

/// Sizes of the runtime's own records of a core instance, by far enough.
const INSTANCE_SIZE: usize = 1 << 20;
/// Of all core instances of a component together.
const COMPONENT_SIZE: usize = 8 << 20;
/// Without a pool: address space that a memory has from its beginning, and what it gets more of each time when it
/// outgrows that and is moved. A plugin's memory is a few MiB, and all sessions together take a quarter of 2 GiB.
pub(super) const RESERVED: u64 = 16 << 20;
/// Without a pool: what lies behind a memory and is never there, so that accesses near its end need no check.
const GUARD: u64 = 64 << 10;
/// Pages of a slot that stay for the next session: a page fault costs more than a
/// plugin's start.
const KEEP_RESIDENT: usize = 1 << 20;

/// Where the memories of instances come from. Compiled code is of one or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allocation {
    /// Slots of a pool, in address space that was reserved for all of them.
    Pooled,
    /// Each one mapped when it is needed.
    OnDemand,
}

impl Allocation {
    pub(super) const ALL: [Self; 2] = [Self::Pooled, Self::OnDemand];

    /// As one process names it to another.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pooled => "pooled",
            Self::OnDemand => "on-demand",
        }
    }

    /// For an engine that runs what was compiled for it.
    pub(super) fn config(self, limits: &SandboxLimits) -> Config {
        let mut config = self.for_compiling();
        if self == Self::Pooled {
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
        }
        config
    }

    /// For an engine that compiles and runs nothing, so it reserves no address space.
    pub(super) fn for_compiling(self) -> Config {
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .concurrency_support(false)
            .epoch_interruption(true)
            .cranelift_opt_level(OptLevel::Speed)
            .parallel_compilation(true)
            // The same rows on every machine, to the last bit.
            .cranelift_nan_canonicalization(true)
            .relaxed_simd_deterministic(true)
            // Its frames say nothing without debug information, and plugins carry none.
            .wasm_backtrace_max_frames(None)
            .allocation_strategy(InstanceAllocationStrategy::OnDemand);
        if self == Self::OnDemand {
            config
                .memory_reservation(RESERVED)
                .memory_reservation_for_growth(RESERVED)
                .memory_guard_size(GUARD)
                .guard_before_linear_memory(false);
        }
        config
    }
}

fn pool(limits: &SandboxLimits) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.sessions)
        .total_core_instances(limits.sessions.saturating_mul(limits.core_instances))
        .total_memories(limits.sessions * MEMORIES)
        .total_tables(limits.sessions * TABLES)
        .total_stacks(limits.sessions)
        .max_core_instances_per_component(limits.core_instances)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_component_instance_size(COMPONENT_SIZE)
        .max_core_instance_size(INSTANCE_SIZE)
        .table_elements(TABLE_ELEMENTS)
        .max_memory_size(limits.memory)
        // Without the scan, keeping pages would mean to clear all of them each time.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(KEEP_RESIDENT);
    pool
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hash, Hasher};

    use super::*;

    fn hash(config: &Config) -> u64 {
        let engine = wasmtime::Engine::new(config).expect("an engine");
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn what_only_compiles_makes_code_for_what_runs() {
        let hashes = Allocation::ALL.map(|it| {
            let compiles = hash(&it.for_compiling());
            assert_eq!(compiles, hash(&it.config(&SandboxLimits::default())), "{it:?}");
            compiles
        });
        assert_ne!(hashes[0], hashes[1]);
    }
}
