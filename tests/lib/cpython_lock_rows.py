"""Rows of the comparison with CPython: Lock, RLock, Semaphore and BoundedSemaphore."""

ROWS = r"""
== Lock: acquire and release
l = m.Lock()
l.acquire()
l.locked()
l.acquire(False)
l.release()
l.locked()
l.acquire(False)
l.release()

== Lock: release unlocked
l = m.Lock()
l.release()
l.acquire()
l.release()
l.release()

== Lock: arguments of acquire
l = m.Lock()
l.acquire(True, -1)
l.release()
l.acquire(True, 0)
l.acquire(True, 0)
l.acquire(True, 0.01)
l.acquire(True, -2)  #! negative-timeout
l.acquire(True, -0.5)  #! negative-timeout
l.acquire(True, nan)
l.acquire(True, -inf)
l.acquire(True, 1e10)
l.acquire(True, 1e300)
l.acquire(True, 2**40)
l.acquire(True, 2**70)
l.acquire(True, 'x')
l.acquire(False, 0)
l.acquire(False, 1)
l.acquire(False, -1)
l.acquire(False, -2)
l.acquire(False, nan)
l.acquire(0)
l.acquire(None)  #! blocking-truth
l.acquire('')  #! blocking-truth
l.acquire([])  #! blocking-truth
l.acquire('x', 0.01)  #! blocking-truth
l.release()
l.locked()

== Lock: arguments as they may be sent
l = m.Lock()
l._callmethod('acquire')
l._callmethod('acquire', (False,))
l._callmethod('acquire', (), {'blocking': False})
l._callmethod('acquire', (), {'timeout': 0.01})
l._callmethod('acquire', (False, None))  #! timeout-none
l._callmethod('acquire', (), {'up': 1})
l._callmethod('acquire', (1, 2, 3))
l._callmethod('release', (1,))
l._callmethod('release', (), {'x': 1})
l._callmethod('locked', (1,))
l._callmethod('release')

== Lock: construction
m.Lock(1)  #! lock-options
m.Lock(x=1)  #! lock-options

== Lock: anyone may release
l = m.Lock()
l.acquire()
b: l.release()
l.locked()
b: l.acquire()
c: l.locked()
c: l.release()
b: l.release()

== Lock: a release lets one in
l = m.Lock()
l.acquire()
b: l.acquire() ...
l.release()
b: ...
l.locked()
l.acquire(False)
b: l.release()

== Lock: one waits for itself
l = m.Lock()
l.acquire()
b: l.acquire() ...
l.release()
b: ...
b: l.acquire() ...
l.release()
b: ...
l.release()

== Lock: all get it in the end
l = m.Lock()
order = m.list()
l.acquire()
b: (l.acquire(), order.append('b'), l.release()) ...
c: (l.acquire(), order.append('c'), l.release()) ...
d: (l.acquire(), order.append('d'), l.release()) ...
order[:]
l.release()
b: ...
c: ...
d: ...
sorted(order)
l.locked()

== Lock: a wait with a timeout that is not used up
l = m.Lock()
l.acquire()
b: l.acquire(True, 15) ...
l.release()
b: ...
l.release()

== Lock: a wait that times out leaves no trace
l = m.Lock()
l.acquire()
b: l.acquire(True, 0.01)
l.release()
l.locked()
c: l.acquire(False)
c: l.release()

== Lock: an infinite timeout is too long
l = m.Lock()
l.acquire()
b: l.acquire(True, inf) ...
l.release()
b: ...

== Lock: with
l = m.Lock()
with l: x = l.locked()
x
l.locked()

== Lock: text
l = m.Lock()
str(l)
l.acquire()
str(l)
l.release()

== Lock: stored in others
d = m.dict(l=m.Lock())
d['l'].acquire()
b: d['l'].acquire(False)
b: d['l'].release()
d['l'].acquire(False)
str(d)

== Lock: its value
m.Lock()._getvalue()  #! value-of-a-lock

== Lock: no such method
m.Lock()._callmethod('fly')  #! no-such-method

== RLock: again and again
l = m.RLock()
l.acquire()
l.acquire()
l.acquire(False)
l.acquire(True, 0.01)
b: l.acquire(False)
l.release()
l.release()
l.release()
b: l.acquire(False)
l.release()
b: l.acquire(False)
l.release()
b: l.release()
b: l.release()

== RLock: release un-acquired
l = m.RLock()
l.release()
b: l.acquire()
l.release()
b: l.release()
b: l.release()

== RLock: arguments of acquire
l = m.RLock()
l.acquire(True, -1)
l.acquire(True, 0)
l.acquire(True, -2)  #! negative-timeout
l.acquire(True, -0.5)  #! negative-timeout
l.acquire(True, nan)
l.acquire(True, 1e10)
l.acquire(True, 1e300)
l.acquire(True, 'x')
l.acquire(False, 0)
l.acquire(False, 1)
l.acquire(False, -1)
l.acquire(False, -2)
b: l.acquire(True, 0)
b: l.acquire(True, 0.01)
b: l.acquire(False)
b: l.acquire(True, -2)  #! negative-timeout
b: l.acquire(True, 1e10)
l.release()
l.release()
b: l.acquire(True, -1) ...
l.release()
b: ...
b: l.release()

== RLock: wrong arguments
l = m.RLock()
m.RLock(x=1)  #! lock-options
l._callmethod('acquire', (1, 2, 3))
l._callmethod('acquire', (), {'up': 1})
l._callmethod('acquire', (), {'blocking': False})
b: l._callmethod('acquire', (False, None))  #! timeout-none
l._callmethod('release', (1,))
l._callmethod('release')

== RLock: a release lets one in
l = m.RLock()
l.acquire()
l.acquire()
b: l.acquire() ...
l.release()
b?
l.release()
b: ...
l.acquire(False)
b: l.acquire()
b: l.release()
b: l.release()
l.acquire(False)

== RLock: all get it in the end
l = m.RLock()
order = m.list()
l.acquire()
b: (l.acquire(), l.acquire(), order.append('b'), l.release(), l.release()) ...
c: (l.acquire(), order.append('c'), l.release()) ...
l.release()
b: ...
c: ...
sorted(order)

== RLock: an infinite timeout is too long
l = m.RLock()
l.acquire(True, inf)
b: l.acquire(True, inf) ...
l.release()
b: ...

== RLock: with
l = m.RLock()
with l: b = l.acquire(False)
b
l.release()
l.release()

== RLock: text
l = m.RLock()
str(l)
l.acquire()
l.acquire()
str(l)
l.release()
l.release()
str(l)

== Semaphore: counts
s = m.Semaphore(2)
s.acquire()
s.acquire()
s.acquire(False)
s.release()
s.acquire(False)
s.release()
s.release()
s.release()
str(s)

== Semaphore: construction
str(m.Semaphore())
str(m.Semaphore(0))
str(m.Semaphore(value=3))
str(m.Semaphore(2**40))
m.Semaphore(-1)
m.Semaphore('a')
m.Semaphore(None)
m.Semaphore(1, 2)
m.Semaphore(x=1)

== Semaphore: arguments of acquire
s = m.Semaphore(0)
s.acquire(False)
s.acquire(True, 0)
s.acquire(True, 0.01)
s.acquire(True, -1)
s.acquire(True, -inf)
s.acquire(False, 1)
s.acquire(False, 0)
s.acquire(False, -1)
s.acquire(True, 1e10)
s.acquire(True, 1e300)
s.acquire(True, 'x')
s.acquire(0)
s.acquire([])
s.release()
s.acquire(True, -1)
s.release()
s.acquire(True, 1e10)
s.release()
s.acquire(True, nan)
s.release()
s.acquire('yes')
s._callmethod('acquire', (1, 2, 3))
s._callmethod('acquire', (), {'up': 1})
s._callmethod('acquire', (), {'blocking': False})
s._callmethod('acquire', (), {'timeout': 0})

== Semaphore: release of several
s = m.Semaphore(0)
s._callmethod('release', (2,))
str(s)
s._callmethod('release', (0,))
s._callmethod('release', (-1,))
s._callmethod('release', (), {'n': 3})
s._callmethod('release', ('x',))
s._callmethod('release', (1, 2))
s._callmethod('release', (), {'m': 1})
str(s)

== Semaphore: first come, first served
s = m.Semaphore(0)
b: s.acquire() ...
c: s.acquire() ...
s.release()
b: ...
c?
s.release()
c: ...
s.acquire(False)

== Semaphore: release of several wakes as many
s = m.Semaphore(0)
b: s.acquire() ...
c: s.acquire() ...
d: s.acquire() ...
s._callmethod('release', (2,))
b: ...
c: ...
d?
s.release()
d: ...

== Semaphore: one who gave up is passed by
s = m.Semaphore(0)
b: s.acquire(True, 0.01)
c: s.acquire(True, 15) ...
s.release()
c: ...
str(s)

== Semaphore: an infinite timeout is too long
s = m.Semaphore(0)
b: s.acquire(True, inf) ...
s.release()
b: ...
s.acquire(False)

== Semaphore: with
s = m.Semaphore(1)
with s: x = s.acquire(False)
x
str(s)

== Semaphore: text
s = m.Semaphore(1)
str(s)
s.acquire()
str(s)

== BoundedSemaphore: counts
s = m.BoundedSemaphore(2)
s.release()
s.acquire()
s.acquire()
s.acquire(False)
s.release()
s.release()
s.release()
str(s)

== BoundedSemaphore: construction
str(m.BoundedSemaphore())
str(m.BoundedSemaphore(0))
str(m.BoundedSemaphore(value=3))
m.BoundedSemaphore(-1)
m.BoundedSemaphore('a')
m.BoundedSemaphore(1, 2)
m.BoundedSemaphore(0).release()

== BoundedSemaphore: release of several
s = m.BoundedSemaphore(3)
s.acquire()
s.acquire()
s._callmethod('release', (3,))
str(s)
s._callmethod('release', (2,))
s._callmethod('release', (0,))
s._callmethod('release', (-1,))
str(s)

== BoundedSemaphore: first come, first served
s = m.BoundedSemaphore(1)
s.acquire()
b: s.acquire() ...
c: s.acquire() ...
s.release()
b: ...
b: s.release()
c: ...
s.release()
s.release()

== BoundedSemaphore: arguments of acquire
s = m.BoundedSemaphore(0)
s.acquire(False, 1)
s.acquire(True, -1)
s.acquire(True, 0.01)
s.acquire(True, 1e10)
"""
