"""A command ends with one line and the code of a shell."""

import os
import signal
import subprocess
import sys

import pytest

from keras_pose import ending
from tests import conftest
from tests.helpers import python_code

CODES = {"SIGINT": 130, "SIGTERM": 143}
both = pytest.mark.parametrize("name", CODES)


@pytest.mark.parametrize(
    "error", [ValueError("a.csv:3: bad"), OSError("a.csv:3: bad"), ArithmeticError("a.csv:3: bad")]
)
def test_errors_that_a_user_can_mend_are_one_line(error):
    with pytest.raises(SystemExit) as ended, ending.exit_on_error("train.py"):
        raise error
    assert ended.value.code == "train.py: a.csv:3: bad"


def test_an_interruption_has_its_own_line_and_code(capsys):
    with pytest.raises(SystemExit) as ended, ending.exit_on_error("train.py", "go on with it"):
        raise KeyboardInterrupt
    assert ended.value.code == 130
    assert capsys.readouterr().err.strip() == "go on with it"


def test_mistakes_in_the_code_keep_their_traceback():
    with pytest.raises(KeyError), ending.exit_on_error("train.py"):
        raise KeyError("x")


def test_an_interruption_can_make_its_message_and_says_it_once(capsys):
    say = ending.say_once(lambda: "resume it")
    for _ in range(2):
        with pytest.raises(SystemExit), ending.exit_on_error("train.py", say):
            raise KeyboardInterrupt
    assert capsys.readouterr().err.strip() == "resume it"


@both
def test_a_process_ends_soon_after_a_signal_that_nobody_answers(name):
    process = python_code.start(
        """
        import time
        from keras_pose import ending
        ending.answer_signals(ending.say_once(lambda: "go on with it"))
        while True:  # as a long operation outside Python
            try:
                print("ready", flush=True)
                time.sleep(60)
            except KeyboardInterrupt:
                pass
        """
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.Signals[name])
    _, errors = process.communicate(timeout=30)  # it would never end
    assert process.returncode == CODES[name]
    assert errors.strip() == "go on with it"


@both
@pytest.mark.parametrize("is_interrupted", [False, True])
def test_a_signal_while_the_interpreter_ends_changes_nothing(name, is_interrupted):
    process = python_code.start(
        f"""
        import os, time
        from keras_pose import ending

        class Kept:
            def __del__(self, sleep=time.sleep, write=os.write):
                write(1, b"ending\\n")
                sleep(1)

        kept = Kept()
        with ending.exit_on_error("train.py"):
            ending.answer_signals(str)  # a function of this module would keep it, and what it holds
            if {is_interrupted}:
                raise KeyboardInterrupt
        """
    )
    assert process.stdout.readline() == "ending\n"
    process.send_signal(signal.Signals[name])
    process.communicate(timeout=30)
    assert process.returncode == (130 if is_interrupted else 0)


@both
def test_blocks_clean_up_and_the_line_says_how_to_go_on(name):
    code = f"""
        import contextlib, signal, time
        from keras_pose import ending

        @contextlib.contextmanager
        def held():
            try:
                yield
            finally:
                print("released", ending.reason(), flush=True)

        message = ending.say_once(lambda: "go on with it")
        with ending.exit_on_error("train.py", message):
            ending.answer_signals(message)
            with held():
                signal.raise_signal(signal.{name})
                time.sleep(60)
        """
    reason = {"SIGINT": "Ctrl-C", "SIGTERM": "SIGTERM"}[name]
    assert python_code.run(code) == (CODES[name], f"released {reason}\n", "\ngo on with it\n")


@both
@pytest.mark.parametrize("error", ["AttributeError", "ValueError"])
def test_an_exception_that_a_signal_became_in_other_code_is_an_interruption(error, name):
    code, _, errors = python_code.run(
        f"""
        import signal, time
        from keras_pose import ending
        message = ending.say_once(lambda: "go on with it")
        ending.answer_signals(message)
        with ending.exit_on_error("train.py", message):
            try:
                signal.raise_signal(signal.{name})
                time.sleep(60)
            except KeyboardInterrupt:
                raise {error}("'Config' object has no attribute 'keys'") from None
        """
    )
    assert code == CODES[name]
    assert errors.strip() == "go on with it"


@both
@pytest.mark.parametrize("answer", ["signal.SIG_IGN", "lambda *_: print('own', flush=True)"])
def test_a_process_that_answers_a_signal_itself_or_ignores_it_goes_on_doing_so(answer, name):
    code = f"""
        import signal, time
        signal.signal(signal.{name}, {answer})  # nohup ignores Ctrl-C, as shells do for commands in the background
        from keras_pose import ending
        ending.answer_signals(lambda: "go on with it")
        signal.raise_signal(signal.{name})
        time.sleep(ending._GRACE_S + 0.5)
        print("alive")
        """
    assert python_code.run(code) == (0, "own\nalive\n" if "own" in answer else "alive\n", "")


def test_outside_the_main_thread_signals_stay_as_they_are():
    code = """
        import signal, threading
        from keras_pose import ending
        thread = threading.Thread(target=ending.answer_signals, args=[lambda: "go on with it"])
        thread.start()
        thread.join()
        print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
        """
    assert python_code.run(code) == (0, "True\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked")
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_worker_processes_end_as_usual_and_the_command_goes_on(method, tmp_path):
    path = tmp_path / "command.py"
    path.write_text(
        f"""
import multiprocessing, sys, time
from keras_pose import ending

def work(ready):
    ready.set()
    time.sleep(60)

if __name__ == "__main__":
    ending.answer_signals(lambda: "go on with it")
    context = multiprocessing.get_context("{method}")
    ready = context.Event()
    worker = context.Process(target=work, args=[ready])
    worker.start()
    ready.wait()
    worker.terminate()
    worker.join()
    time.sleep(ending._GRACE_S + 0.5)
    print(worker.exitcode)
"""
    )
    environment = {**os.environ, "PYTHONPATH": str(conftest.ROOT)}
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, env=environment, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "-15\n", "")


def test_what_a_library_makes_of_sigterm_is_undone():
    code = """
        import signal, time
        from keras_pose import ending
        with ending.exit_on_error("train.py"):
            ending.answer_signals(ending.say_once(lambda: "go on with it"))
            with ending.keep_answer_to_sigterm():
                signal.signal(signal.SIGTERM, lambda *_: print("noted"))
            signal.raise_signal(signal.SIGTERM)
            time.sleep(60)
        """
    assert python_code.run(code) == (143, "", "\ninterrupted\n")


def test_an_interruption_during_an_import_is_one_line_and_other_errors_keep_their_traceback():
    code, _, errors = python_code.run("import keras_pose.cli; raise KeyboardInterrupt")
    assert code in (130, -signal.SIGINT)
    assert errors.strip() == "interrupted"
    assert "Traceback" in python_code.run("import keras_pose.cli; raise KeyError('x')")[2]
