//! Keeping what is in this process's memory there: it holds secrets.

/// No core dump is written of this process, and on Linux no other process of the user can read its memory. What cannot
/// be had on this system is done without.
pub(super) fn keep_private() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // What it starts inherits that.
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        let _ = setrlimit(Resource::Core, none);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // A program that takes core dumps by a pipe is not held off by the limit.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    #[test]
    fn nothing_of_it_leaves_the_process() -> anyhow::Result<()> {
        super::keep_private();
        assert_eq!(dumpable_behavior()?, DumpableBehavior::NotDumpable);
        let core = getrlimit(Resource::Core);
        assert_eq!((core.current, core.maximum), (Some(0), Some(0)));
        Ok(())
    }
}
