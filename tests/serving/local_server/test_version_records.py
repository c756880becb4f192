"""The state of one version, and further attempts to load it."""

from serving.local_server.errors import ServingError
from serving.local_server.version_records import Record, RetryPolicy

ERROR = ServingError("NOT_FOUND", "nothing there")


def test_a_version_ends_when_its_last_request_is_done():
    record = Record([])
    record.servable = "servable"
    record.state = "AVAILABLE"
    record.num_running = 2
    record.retire()
    record.release()
    assert (record.state, record.servable) == ("UNLOADING", "servable")
    record.release()
    assert (record.state, record.servable) == ("END", None)


def test_the_status_tells_the_error():
    record = Record([])
    assert record.status(7) == {
        "version": "7",
        "state": "LOADING",
        "status": {"error_code": "OK", "error_message": ""},
    }
    record.error = ERROR
    assert record.status(7)["status"] == {"error_code": "NOT_FOUND", "error_message": "nothing there"}


def test_attempts_follow_after_pauses_until_there_were_enough():
    policy = RetryPolicy(max_retries=2, interval_s=60.0)
    record = Record([])
    for now_s in (0.0, 60.0):
        policy.note_failure(record, ERROR, now_s, may_retry=True)
        assert (record.state, record.error) == ("LOADING", None)
        assert not policy.is_due(record, [], now_s + 59)
        assert policy.is_due(record, [], now_s + 60)
        record.start([])
    policy.note_failure(record, ERROR, 120.0, may_retry=True)
    assert (record.state, record.error) == ("END", ERROR)
    assert not policy.is_due(record, [], 1000.0)


def test_changed_files_end_the_pause_unless_strict():
    changed = [("folder", "file", 1, 2)]
    for strict in (False, True):
        policy = RetryPolicy(strict=strict)
        record = Record([])
        assert not policy.is_due(record, changed, 0.0)  # it has not failed
        policy.note_failure(record, ERROR, 0.0, may_retry=True)
        assert policy.is_due(record, changed, 0.0) is not strict


def test_without_further_attempts_a_failure_is_the_end():
    record = Record([])
    RetryPolicy().note_failure(record, ERROR, 0.0, may_retry=False)
    assert (record.state, record.error, record.retry_at) == ("END", ERROR, None)


def test_a_removed_version_waits_strictly_for_its_next_attempt():
    for strict in (False, True):
        policy = RetryPolicy(strict=strict)
        record = Record([])
        policy.note_failure(record, ERROR, 0.0, may_retry=True)
        policy.give_up_removed(record, 1.0)
        assert record.state == ("LOADING" if strict else "END")
        policy.give_up_removed(record, 61.0)
        assert record.state == "END"
