"""Rows of the comparison with CPython: Event and Condition."""

ROWS = r"""
== Event: set and clear
e = m.Event()
e.is_set()
e.wait(0)
e.set()
e.is_set()
e.set()
e.wait()
e.wait(0)
e.clear()
e.clear()
e.is_set()
e.wait(0.01)

== Event: set wakes all
e = m.Event()
b: e.wait() ...
c: e.wait(15) ...
d: (e.wait(), e.is_set()) ...
e.set()
b: ...
c: ...
d: ...

== Event: who waits was woken even if it is cleared at once
e = m.Event()
b: e.wait() ...
c: e.wait() ...
(e.set(), e.clear())
b: ...
c: ...
e.is_set()
e.wait(0)

== Event: arguments of wait
e = m.Event()
e.wait(-1)
e.wait(-inf)
e.wait(nan)
e.wait(1e10)
e.wait(1e300)
e.wait('x')
e.wait([])
e.wait(False)
e.set()
e.wait(-1)
e.wait(nan)
e.wait(1e10)
e.wait('x')

== Event: an infinite timeout is too long
e = m.Event()
b: e.wait(inf) ...
e.set()
b: ...

== Event: wrong arguments
e = m.Event()
m.Event(1)
m.Event(x=1)
e._callmethod('wait', (1, 2))
e._callmethod('wait', (), {'timeout': 0})
e._callmethod('wait', (), {'up': 0})
e._callmethod('set', (1,))
e._callmethod('is_set', (1,))
e._callmethod('clear', (), {'x': 1})

== Event: one who gave up
e = m.Event()
b: e.wait(0.01)
c: e.wait() ...
e.set()
c: ...

== Event: text
e = m.Event()
str(e)
e.set()
str(e)

== Event: no such method
m.Event()._callmethod('isSet')  #! no-such-method
m.Event()._getvalue()  #! value-of-a-lock

== Condition: acquire and release
c = m.Condition()
c.acquire()
c.acquire()
b: c.acquire(False)
c.release()
b: c.acquire(False)
c.release()
c.release()
b: c.acquire(False)
c.acquire(False)
b: c.release()

== Condition: without the lock
c = m.Condition()
c.wait()
c.wait(0)
c.wait(-1)
c.notify()
c.notify(0)
c.notify_all()
c.release()
b: c.acquire()
c.wait()
c.notify()
c.release()
b: c.notify()
b: c.release()

== Condition: nobody waits
c = m.Condition()
c.acquire()
c.notify()
c.notify(5)
c.notify(0)
c.notify(-1)
c.notify_all()
c.wait(0.01)
c.release()

== Condition: arguments of wait
c = m.Condition()
c.acquire()
c.wait(0)
c.wait(-1)
c.wait(-inf)
c.wait(nan)
c.wait(0.01)
c.wait(1e10)
c.wait(1e300)
c.wait('x')
c.wait(False)
c.release()
c.release()

== Condition: an infinite timeout is too long
c = m.Condition()
b: c.acquire()
b: c.wait(inf) ...
c.acquire(False)
c.notify()
c.release()
b: ...
b: c.release()

== Condition: wrong arguments
c = m.Condition()
c.acquire()
c._callmethod('wait', (1, 2))
c._callmethod('wait', (), {'timeout': 0})
c._callmethod('wait', (), {'up': 0})
c._callmethod('notify', (1, 2))
c._callmethod('notify', (), {'n': 2})
c._callmethod('notify', (), {'m': 2})
c._callmethod('notify_all', (1,))
c._callmethod('acquire', (1, 2, 3))
c._callmethod('release', (1,))  #! condition-names
c._callmethod('release')

== Condition: acquire as the lock's
c = m.Condition()
c.acquire(True, -2)  #! negative-timeout
c.acquire(True, -1)
c.acquire(False, 1)
c.acquire(True, nan)
c.acquire(True, 1e10)
c.acquire(True, 0.01)
c.acquire(True, 'x')

== Condition: wait and notify
c = m.Condition()
b: c.acquire()
b: c.wait() ...
c.acquire(False)
c.notify()
b?
c.release()
b: ...
c.acquire(False)
b: c.release()

== Condition: a wait gives up all that was acquired
c = m.Condition()
b: c.acquire()
b: c.acquire()
b: c.acquire()
b: c.wait() ...
c.acquire(False)
c.notify()
c.release()
b: ...
c.acquire(False)
b: c.release()
b: c.release()
c.acquire(False)
b: c.release()
b: c.release()
c.acquire(False)

== Condition: first come, first notified
c = m.Condition()
b: (c.acquire(), c.wait(), c.release()) ...
d: (c.acquire(), c.wait(), c.release()) ...
e: (c.acquire(), c.wait(), c.release()) ...
c.acquire()
c.notify()
c.release()
b: ...
d?
e?
c.acquire()
c.notify(1)
c.release()
d: ...
e?
c.acquire()
c.notify()
c.release()
e: ...

== Condition: notify of several
c = m.Condition()
b: (c.acquire(), c.wait(), c.release()) ...
d: (c.acquire(), c.wait(), c.release()) ...
e: (c.acquire(), c.wait(), c.release()) ...
c.acquire()
c.notify(2)
c.release()
b: ...
d: ...
e?
c.acquire()
c.notify(100)
c.release()
e: ...

== Condition: notify_all
c = m.Condition()
b: (c.acquire(), c.wait(), c.release()) ...
d: (c.acquire(), c.wait(15), c.release()) ...
e: (c.acquire(), c.wait(), c.release()) ...
c.acquire()
c.notify_all()
b?
d?
c.release()
b: ...
d: ...
e: ...

== Condition: notify of none
c = m.Condition()
b: (c.acquire(), c.wait(), c.release()) ...
c.acquire()
c.notify(0)
c.notify(-5)
c.notify('x')
c.release()
b?
c.acquire()
c.notify(True)
c.release()
b: ...

== Condition: a timeout waits for the lock
c = m.Condition()
b: c.acquire()
b: c.wait(0.01)
b: c.release()
c.acquire(False)

== Condition: one who gave up is not notified
c = m.Condition()
b: c.acquire()
b: c.wait(0.01)
b: c.release()
d: (c.acquire(), c.wait(), c.release()) ...
c.acquire()
c.notify()
c.release()
d: ...

== Condition: wait_for
c = m.Condition()
d = m.dict(n=0)
c.acquire()
c.wait_for(lambda: d['n'] == 0)
c.wait_for(lambda: d['n'] == 1, 0.01)
c.release()
b: (c.acquire(), c.wait_for(lambda: d['n'] == 2), c.release()) ...
(c.acquire(), d.update(n=1), c.notify(), c.release())
b?
(c.acquire(), d.update(n=2), c.notify(), c.release())
b: ...

== Condition: with
c = m.Condition()
with c: x = c.wait(0)
x
c.release()

== Condition: over a Lock proxy
l = m.Lock()
c = m.Condition(l)
c.acquire()
l.acquire(False)
c.notify()
c.wait(0.01)
l.release()
c.release()
c.wait()
c.notify()

== Condition: over a Lock proxy, wait and notify
l = m.Lock()
c = m.Condition(l)
b: l.acquire()
b: c.wait() ...
l.acquire()
c.notify()
b?
l.release()
b: ...
l.acquire(False)
b: c.release()
l.acquire(False)

== Condition: over a Lock proxy, whose owner is nobody
l = m.Lock()
c = m.Condition(l)
b: l.acquire()
c.notify()
c.notify_all()
c.wait(0.01)
c.release()
b: l.release()

== Condition: two over one Lock
l = m.Lock()
full = m.Condition(l)
empty = m.Condition(l)
b: (full.acquire(), full.wait(), full.release()) ...
d: (empty.acquire(), empty.wait(), empty.release()) ...
l.acquire()
empty.notify_all()
l.release()
d: ...
b?
l.acquire()
full.notify()
l.release()
b: ...

== Condition: over an RLock proxy
l = m.RLock()
c = m.Condition(l)
c.acquire()
l.acquire(False)  #! condition-over-rlock
c.notify()  #! condition-over-rlock
c.wait(0)  #! condition-over-rlock

== Condition: over what is no lock
m.Condition(5)
m.Condition('lock')
m.Condition(m.list())  #! proxy-classes
m.Condition(m.Event())  #! proxy-classes
m.Condition(m.Lock(), 1)
m.Condition(x=1)
m.Condition(None).acquire()
m.Condition(lock=None).acquire()
m.Condition(lock=m.Lock()).acquire()

== Condition: over other things that can be acquired
c = m.Condition(m.Semaphore(1))  #! condition-over-semaphore
d = m.Condition(m.Condition())  #! condition-over-semaphore

== Condition: text
c = m.Condition()
str(c)
c.acquire()
str(c)
c.release()
b: (c.acquire(), c.wait(), c.release()) ...
str(c)
(c.acquire(), c.notify(), c.release())
b: ...
str(m.Condition(m.Lock()))

== Condition: no such method
m.Condition()._callmethod('wait_for')  #! no-such-method
m.Condition()._callmethod('fly')  #! no-such-method
"""
