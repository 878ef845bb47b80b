import multiprocessing
import threading

from gcf_am.app.waking import Bell, Rope


def ring(rope: Rope) -> None:
    rope()


def test_a_process_rings_and_is_heard() -> None:
    bell = Bell()
    heard = threading.Event()
    thread = bell.listen(heard.set)
    process = multiprocessing.get_context("spawn").Process(target=ring, args=(bell.rope,))
    process.start()
    assert heard.wait(60)
    process.join(60)
    assert process.exitcode == 0
    bell.close()
    thread.join(60)
    assert not thread.is_alive()


def test_ringing_never_blocks_when_nobody_listens() -> None:
    bell = Bell()
    rope = bell.rope
    for _ in range(200_000):  # more than a pipe holds
        rope()
    bell.close()
    rope()
