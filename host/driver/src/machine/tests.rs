use proptest::prelude::*;

use super::*;

/// Gives these inputs, and says what was to be done after the last one.
fn after(driver: &mut Driver, inputs: &[Input]) -> Output {
    let mut last = Output::Next;
    for input in inputs {
        last = driver.next(*input);
    }
    last
}

/// From the session's request on.
fn asked(limits: Limits, effect: Effect) -> Driver {
    let mut driver = Driver::new(limits);
    assert_eq!(after(&mut driver, &[Input::Done, Input::Request(effect)]), Output::Send);
    driver
}

const WRITES: fn() -> Limits = || Limits { may_write: true, ..Limits::default() };
const EMPTY: Input = Input::Batch { rows: 0, rejected: 0 };

#[test]
fn an_answer_that_cannot_be_read_is_asked_for_again_by_a_new_session() {
    let limits = Limits { attempts: 2, ..Limits::default() };
    let mut driver = asked(limits, Effect::Read);
    let page =
        [Input::Head, Input::Done, Input::Chunk(10), Input::Batch { rows: 3, rejected: 0 }, Input::Done];
    assert_eq!(after(&mut driver, &page), Output::Read);
    assert_eq!(after(&mut driver, &[Input::Chunk(5), Input::Unreadable]), Output::Reopen);
    assert!(matches!(driver.next(Input::Done), Output::BackOff { attempt: 2, .. }));
    assert_eq!(after(&mut driver, &[Input::Done, Input::Request(Effect::Read), Input::Head]), Output::Accept);
    assert_eq!(driver.counts().rows, 0);
    assert_eq!(driver.next(Input::Unreadable), Output::Stopped(Stop::Unreadable { attempts: 2 }));

    let mut driver = asked(WRITES(), Effect::Write);
    assert_eq!(driver.next(Input::Head), Output::Accept);
    let stopped = Output::Stopped(Stop::Unreadable { attempts: 1 });
    assert_eq!(driver.next(Input::Unreadable), stopped, "what changes something is sent once");
}

#[test]
fn an_interrupted_page_counts_nothing_and_is_asked_for_again() {
    let mut driver = asked(Limits::default(), Effect::Read);
    let page =
        [Input::Head, Input::Done, Input::Chunk(10), Input::Batch { rows: 3, rejected: 1 }, Input::Done];
    assert_eq!(after(&mut driver, &page), Output::Read);
    assert_eq!(driver.next(Input::Interrupted), Output::Abandon);
    let second = Output::BackOff { pause: Duration::from_secs(1), attempt: 2 };
    assert_eq!(driver.next(Input::Done), second);
    assert_eq!(driver.counts(), Counts { requests: 1, retries: 1, ..Counts::default() });

    assert_eq!(after(&mut driver, &[Input::Done, Input::Request(Effect::Read)]), Output::Send);
    assert_eq!(after(&mut driver, &page), Output::Read);
    assert_eq!(after(&mut driver, &[Input::BodyEnded, EMPTY, Input::Done]), Output::Checkpoint);
    let counted = Counts { requests: 2, retries: 1, answers: 1, bytes: 10, rows: 3, rejected: 1 };
    assert_eq!(driver.counts(), counted);
}

#[test]
fn attempts_are_bounded_and_further_and_further_apart() {
    let mut driver = asked(Limits { attempts: 3, ..Limits::default() }, Effect::Read);
    let failed = Input::NotAnswered { transient: true, arrived: false };
    for (attempt, seconds) in [(2, 1), (3, 2)] {
        let pause = Duration::from_secs(seconds);
        assert_eq!(driver.next(failed), Output::BackOff { pause, attempt });
        after(&mut driver, &[Input::Done, Input::Request(Effect::Read)]);
    }
    assert_eq!(driver.next(failed), Output::Stopped(Stop::GaveUp { attempts: 3 }));
}

#[test]
fn what_another_attempt_does_not_mend_is_not_tried_again() {
    let mut driver = asked(Limits::default(), Effect::Read);
    let failed = Input::NotAnswered { transient: false, arrived: false };
    assert_eq!(driver.next(failed), Output::Stopped(Stop::GaveUp { attempts: 1 }));
}

#[test]
fn a_write_is_for_operations_alone() {
    let mut driver = Driver::new(Limits::default());
    driver.next(Input::Done);
    assert_eq!(driver.next(Input::Request(Effect::Write)), Output::Stopped(Stop::Write));
}

#[test]
fn what_became_of_a_write_without_a_whole_answer_is_for_the_session_to_find_out() {
    let unanswered = |driver: &mut Driver| driver.next(Input::NotAnswered { transient: true, arrived: true });
    let broken = |driver: &mut Driver| after(driver, &[Input::Head, Input::Done, Input::Interrupted]);
    for (end, output) in
        [(unanswered as fn(&mut Driver) -> Output, Output::Unanswered), (broken, Output::Abandon)]
    {
        let mut driver = asked(WRITES(), Effect::Write);
        assert_eq!(end(&mut driver), output);
        assert_eq!(after(&mut driver, &[Input::Done]), Output::Checkpoint);
        assert_eq!(driver.next(Input::Done), Output::Next);
        assert!(driver.is_unknown());
        // It looks, and looks again where that answer breaks off.
        let looked = [Input::Request(Effect::Read), Input::Head, Input::Done, Input::Interrupted];
        assert_eq!(after(&mut driver, &looked), Output::Abandon);
        assert!(matches!(driver.next(Input::Done), Output::BackOff { .. }));
        assert_eq!(after(&mut driver, &[Input::Done, Input::Request(Effect::Read)]), Output::Send);
        let answered = [Input::Head, Input::Done, Input::BodyEnded, EMPTY, Input::Done, Input::Done];
        assert_eq!(after(&mut driver, &answered), Output::Next);
        // Also where another process goes on.
        let mut other = Driver::resume(WRITES(), driver.counts()).after_unknown(driver.is_unknown());
        other.next(Input::Done);
        for mut driver in [driver, other] {
            let stopped = Output::Stopped(Stop::UnknownResult);
            assert_eq!(driver.next(Input::Request(Effect::Write)), stopped, "never a second one");
        }
    }
    let mut driver = asked(WRITES(), Effect::Write);
    let again = driver.next(Input::NotAnswered { transient: true, arrived: false });
    assert!(matches!(again, Output::BackOff { .. }), "it cannot have done anything");
}

#[test]
fn refused_credentials_are_renewed_once_and_a_write_is_not_repeated_for_them() {
    let mut driver = asked(Limits::default(), Effect::Read);
    assert_eq!(driver.next(Input::Unauthorized), Output::Renew);
    assert_eq!(driver.next(Input::Renewed), Output::Send);
    assert_eq!(driver.counts().requests, 2);
    assert_eq!(driver.next(Input::Unauthorized), Output::Accept, "the answer is the session's to judge");

    let mut driver = asked(Limits::default(), Effect::Read);
    assert_eq!(
        after(&mut driver, &[Input::Unauthorized, Input::Done]),
        Output::Accept,
        "there are no others"
    );

    let mut driver = asked(WRITES(), Effect::Write);
    assert_eq!(after(&mut driver, &[Input::Unauthorized, Input::Renewed]), Output::Accept);
}

#[test]
fn what_would_not_end_is_ended() {
    let stopped = |what, limit| Output::Stopped(Stop::Endless { what, limit });
    let mut driver = Driver::new(Limits { max_waits_in_a_row: 1, ..Limits::default() });
    assert_eq!(after(&mut driver, &[Input::Done, Input::Pause]), Output::Wait);
    assert_eq!(after(&mut driver, &[Input::Done, Input::Done, Input::Pause]), stopped("waits in a row", 1));

    let mut driver = asked(Limits { max_bytes: 5, ..Limits::default() }, Effect::Read);
    assert_eq!(after(&mut driver, &[Input::Head, Input::Done, Input::Chunk(6)]), stopped("bytes", 5));

    let mut driver = asked(Limits { max_rows: 5, ..Limits::default() }, Effect::Read);
    let batch = Input::Batch { rows: 3, rejected: 3 };
    assert_eq!(after(&mut driver, &[Input::Head, Input::Done, Input::Chunk(6), batch]), stopped("rows", 5));

    let mut driver = asked(Limits { max_requests: 1, ..Limits::default() }, Effect::Read);
    let failed = Input::NotAnswered { transient: true, arrived: false };
    let again = after(&mut driver, &[failed, Input::Done, Input::Request(Effect::Read)]);
    assert_eq!(again, stopped("requests", 1));
}

#[test]
fn a_session_that_miscounts_does_not_finish() {
    for (totals, what) in [
        (Totals { rows: 1, ..Totals::default() }, "it says that it gave 1 rows, and gave 0"),
        (
            Totals { rejected: 2, ..Totals::default() },
            "it says that it rejected 2 records, and gave 0 as rejected",
        ),
        (Totals { pages: 3, ..Totals::default() }, "it says that it read 3 pages, and got 0 answers"),
    ] {
        let mut driver = Driver::new(Limits::default());
        driver.next(Input::Done);
        assert_eq!(driver.next(Input::Finished(totals)), Output::Stopped(Stop::Miscounted(what.to_owned())));
    }
}

#[test]
fn what_was_counted_before_counts_after_a_checkpoint() {
    let before = Counts { requests: 7, retries: 1, answers: 6, bytes: 60, rows: 12, rejected: 0 };
    let mut driver = Driver::resume(Limits::default(), before);
    driver.next(Input::Done);
    let totals = Totals { pages: 6, rows: 12, rejected: 0 };
    assert_eq!(driver.next(Input::Finished(totals)), Output::Finished);
}

fn inputs() -> impl Strategy<Value = Input> {
    prop_oneof![
        Just(Input::Done),
        Just(Input::Request(Effect::Read)),
        Just(Input::Request(Effect::Write)),
        Just(Input::Pause),
        Just(Input::Finished(Totals::default())),
        Just(Input::Head),
        Just(Input::Unauthorized),
        Just(Input::Renewed),
        (any::<bool>(), any::<bool>())
            .prop_map(|(transient, arrived)| Input::NotAnswered { transient, arrived }),
        (0..100_u64).prop_map(Input::Chunk),
        Just(Input::BodyEnded),
        Just(Input::Interrupted),
        Just(Input::Unreadable),
        (0..5_u64, 0..5_u64).prop_map(|(rows, rejected)| Input::Batch { rows, rejected }),
    ]
}

proptest! {
    /// Whatever is reported, in whatever order: once it has ended it stays ended, no write is sent a second time
    /// after it may have arrived, and what counts is what was committed.
    #[test]
    fn never_loses_its_way(inputs in proptest::collection::vec(inputs(), 0..200)) {
        let mut driver = Driver::new(WRITES());
        let (mut commits, mut over, mut last, mut unknown) = (0, false, Output::Next, false);
        for input in inputs {
            let output = driver.next(input);
            if over {
                prop_assert!(matches!(output, Output::Stopped(Stop::OutOfOrder(_))));
            }
            if last == Output::Commit && output == Output::Checkpoint {
                commits += 1;
            }
            unknown |= output == Output::Unanswered || output == Output::Abandon && driver.effect == Effect::Write;
            if unknown && output == Output::Send {
                prop_assert_eq!(driver.effect, Effect::Read);
            }
            prop_assert_eq!(driver.counts().answers, commits);
            over |= matches!(output, Output::Finished | Output::Stopped(_));
            last = output;
        }
    }
}
