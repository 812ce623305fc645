"""The completion scripts in real shells: bash, zsh and fish, each loading what `sluice completion` prints."""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess

import pytest
from conftest import BINARY, ROOT, environment, sluice


def shell_environment(tmp_path, **extra):
    """The binary first on PATH, and no configuration of whoever runs the tests."""
    path = f"{pathlib.Path(BINARY).resolve().parent}:{os.environ['PATH']}"
    return environment(PATH=path, HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path), TERM="dumb", **extra)


def need(shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    return shell


def bash(tmp_path, line, **extra):
    """What bash would offer behind `line`, by the function that it calls."""
    script = r"""
        source <(sluice completion bash)
        complete -p sluice >/dev/null || exit 1
        COMP_LINE="$1"; COMP_POINT=${#1}; COMP_WORDS=(sluice); COMP_CWORD=0
        _sluice 2>/dev/null
        printf '%s\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        [need("bash"), "--norc", "-c", script, "bash", line], capture_output=True, text=True, timeout=60,
        env=shell_environment(tmp_path, **extra), cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def fish(tmp_path, line, **extra):
    done = subprocess.run(
        [need("fish"), "--no-config", "-c", "sluice completion fish | source; complete -C $argv[1]", line],
        capture_output=True, text=True, timeout=60, env=shell_environment(tmp_path, **extra), cwd=ROOT,
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return [row.split("\t")[0] for row in done.stdout.splitlines()]


def zsh(tmp_path, line, **extra):
    """What zsh writes into its command line after the tab key: it completes only in a terminal."""
    parent, child = pty.openpty()
    shell = subprocess.Popen(
        [need("zsh"), "-f", "-i"], stdin=child, stdout=child, stderr=child, start_new_session=True, cwd=ROOT,
        env=shell_environment(tmp_path, **extra),
    )
    os.close(child)

    def until(word):
        text = ""
        while word not in text:
            ready, _, _ = select.select([parent], [], [], 30)
            assert ready, f"zsh said nothing more than {text!r}"
            text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\x07", "", os.read(parent, 65536).decode(errors="replace"))
        return text

    try:
        os.write(parent, b"PS1='>'; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; "
                 b"source <(sluice completion zsh); bindkey '^X' beep; echo rea'dy'\n")
        until("ready\n")
        # The widget shows the line as the completion has left it.
        os.write(parent, b"show() { zle complete-word; print -r -- \"<$BUFFER>\"; BUFFER=; zle accept-line }; "
                 b"zle -N show; bindkey '^T' show; echo se't'\n")
        until("set\n")
        os.write(parent, line.encode() + b"\x14")
        return re.search(r"<(sluice[^>]*)>", until(">\n"))[1].strip()
    finally:
        shell.kill()
        shell.wait()
        os.close(parent)


@pytest.mark.parametrize("ask", [bash, fish])
def test_commands_flags_and_choices(ask, tmp_path):
    assert "list" in ask(tmp_path, "sluice topic ")
    assert ask(tmp_path, "sluice topic descr") == ["describe"]
    assert "--partitions" in ask(tmp_path, "sluice topic create X --par")
    assert sorted(ask(tmp_path, "sluice completion ")) == ["bash", "fish", "zsh"]


def test_bash_replaces_only_what_follows_its_word_breaks(tmp_path):
    assert sorted(bash(tmp_path, "sluice version --format=")) == ["json", "table"]
    assert bash(tmp_path, "sluice version --format=j") == ["json"]


def test_zsh(tmp_path):
    assert zsh(tmp_path, "sluice topic descr") == "sluice topic describe"
    assert zsh(tmp_path, "sluice version --form") == "sluice version --format"


@pytest.mark.parametrize("ask", [bash, fish])
def test_topics_come_from_the_broker(ask, tmp_path, appliance):
    for name in ("COMPLETION_events", "COMPLETION_runInfo"):
        sluice("topic", "create", name, broker=appliance.broker, check=False)
    found = ask(tmp_path, "sluice topic describe COMPLETION_", SLUICE_BROKER=appliance.broker)
    # The histogrammer adds a topic to every instrument.
    assert {"COMPLETION_events", "COMPLETION_runInfo"} <= set(found)
    assert ask(tmp_path, "sluice run status --instrument COMPL", SLUICE_BROKER=appliance.broker) == ["COMPLETION"]
    assert ask(tmp_path, "sluice topic describe COMPLETION_", SLUICE_BROKER="127.0.0.1:1") == []
