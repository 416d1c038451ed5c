"""Rows of the comparison with CPython: set. It came in 3.14; set itself has not changed."""

ROWS = r"""
== set: made of nothing
s = m.set()
len(s)
str(s)
s._getvalue()
copy.deepcopy(s)

== set: made of iterables
m.set([1, 2, 1])._getvalue()
m.set((1, 2))._getvalue()
m.set('hello')._getvalue()
m.set(b'ab')._getvalue()
m.set({'a': 1})._getvalue()
m.set({5})._getvalue()
m.set(frozenset([5]))._getvalue()
m.set(array('b', [1, 1]))._getvalue()

== set: cannot be made
m.set(5)
m.set(None)
m.set([[]])
m.set([{}])
m.set([1], [2])
m.set(iterable=[1])

== set: equal elements are one
s = m.set([1])
s.add(1.0)
s.add(True)
len(s)
str(s)
1.0 in s
s.add('1')
s.add(b'1')
s.add((1, 2))
s.add((1.0, True + 1))
s.add(frozenset([1]))
s.add(frozenset([True]))
s.add(None)
s.add(2**70)
s.add(2.0**70)
len(s)

== set: add
s = m.set()
s.add(1)
s.add(1)
s.add([])
s.add({})
s.add({1})
s.add((1, []))
s.add()
s.add(1, 2)
s._getvalue()

== set: contains
s = m.set([1, 'a', (1, 2), frozenset([1])])
1 in s
2 in s
'a' in s
(True, 2.0) in s
frozenset([1.0]) in s
{1} in s
{2} in s
[] in s
{} in s

== set: remove and discard
s = m.set([1, 'a', (1, 2), frozenset([3])])
s.remove(1)
s.remove(1)
s.remove('b')
s.remove((1, 2))
s.remove((1, 2))
s.remove([])
s.remove({3})
s.remove({4})
s.discard('a')
s.discard('a')
s.discard([])
s.discard({5})
s.remove()
s.discard()
s._getvalue()

== set: pop
s = m.set([7])
s.pop()
s.pop()
s.pop(1)
s._getvalue()

== set: clear and copy
s = m.set([1, 2])
s.copy()
s.clear()
s.clear()
s.copy()
s.copy(1)
len(s)

== set: operators
s = m.set([1, 2, 3])
s & {2, 3, 4}
s | {4}
s - {1}
s ^ {1, 9}
{2, 9} & s
{2, 9} | s
{2, 9} - s
{2, 9} ^ s
s & frozenset([1])
s & [1]
s | (1,)
s - 'a'
s ^ {1: 2}
s & 5
[1] & s
5 - s
s._getvalue()

== set: operators that change it
s = m.set([1, 2, 3])
s &= {2, 3, 4}
s._getvalue()
s |= {5}
s._getvalue()
s -= {2}
s._getvalue()
s ^= {3, 7}
s._getvalue()
s &= [1]
s |= [1]
s -= [1]
s ^= [1]
s |= 5
s._getvalue()

== set: operators with itself and other sets
s = m.set([1, 2])
t = m.set([2, 3])
s & t  #! set-proxy-operand
s | t  #! set-proxy-operand
s - t  #! set-proxy-operand
s ^ t  #! set-proxy-operand
s <= t  #! set-proxy-operand
s.union(t._getvalue())
s.intersection(t._getvalue())

== set: comparisons
s = m.set([1, 2])
s <= {1, 2}
s <= {1, 2, 3}
s < {1, 2}
s < {1, 2, 3}
s >= {1}
s >= {1, 3}
s > {1}
s > {1, 2}
s > {True}
s >= frozenset()
s <= [1]
s < 5
{1} <= s
s.__ge__([1])
s.__le__(5)

== set: difference
s = m.set([1, 2, 3])
s.difference([1], (2, 9))
s.difference()
s.difference('a')
s.difference(5)
s.difference([[]])
s.difference({1: 0})
s._getvalue()

== set: difference_update
s = m.set([1, 2, 3, 4])
s.difference_update([1], {2: 0})
s._getvalue()
s.difference_update()
s.difference_update(5)
s.difference_update([[]])
s._getvalue()

== set: intersection
s = m.set([1, 2, 3])
s.intersection([1, 2], (2, 9))
s.intersection()
s.intersection({3: 0})
s.intersection('')
s.intersection(5)
s.intersection([[]])
s._getvalue()

== set: intersection_update
s = m.set([1, 2, 3])
s.intersection_update([1, 2, 7], {2, 7})
s._getvalue()
s.intersection_update()
s.intersection_update(None)
s.intersection_update([[]])
s._getvalue()

== set: union and update
s = m.set([1])
s.union([2], 'a', {3: 0})
s.union()
s.union(5)
s.union([[]])
s._getvalue()
s.update([2], 'a', {3: 0}, {4})
s._getvalue()
s.update()
s.update(5)
s._getvalue()

== set: symmetric difference
s = m.set([1, 2])
s.symmetric_difference([2, 3, 3])
s.symmetric_difference()
s.symmetric_difference([1], [2])
s.symmetric_difference(5)
s.symmetric_difference([[]])
s.symmetric_difference_update([2, 3, 3])
s._getvalue()
s.symmetric_difference_update(5)
s.symmetric_difference_update()
s.symmetric_difference_update({3: 0})
s._getvalue()

== set: relations
s = m.set([1, 2])
s.isdisjoint([3])
s.isdisjoint([2])
s.isdisjoint('')
s.isdisjoint(5)
s.isdisjoint([[]])
s.issubset([1, 2, 3])
s.issubset([1])
s.issubset(5)
s.issuperset([1])
s.issuperset([3])
s.issuperset([])
s.issuperset(5)
s.issuperset([[]])
s.isdisjoint()
s.issubset()
s.issuperset(1, 2)

== set: update that fails halfway
s = m.set([1])
s.update([2, []])
s._getvalue()  #! atomic
s.update([3], 5)
s._getvalue()  #! atomic

== set: proxies of others as iterables
s = m.set([1, 2])
s.union(m.list([2, 3]))
s.update(m.list([5]))
s.difference(m.list([1]))
s.issuperset(m.list([1]))
s.isdisjoint(m.list([1]))
s.intersection_update(m.list([1, 5]))
s._getvalue()

== set: iteration
s = m.set([1])
i = iter(s)
next(i)
next(i)
s.add(2)
next(i)
sorted(s)
sorted(s, reverse=True)
[x for x in m.set()]

== set: changed size during iteration
s = m.set([1, 2])
i = iter(s)
next(i) in (1, 2)
s.add(3)
next(i)
next(i)

== set: text
str(m.set([1]))
str(m.set(['a']))
str(m.set([(1, 'a')]))
str(m.set([frozenset()]))
str(m.set([1, 2, 3]))
str(m.set([3, 1, 2]))  #! set-order
m.set([3, 1, 2])._getvalue()

== set: pop takes the first
s = m.set([3, 1, 2])
s.pop()  #! set-order

== set: a NaN is not itself
s = m.set([nan])
nan in s
s.add(nan)
len(s)

== set: three actors
s = m.set()
s.add(1)
b: s.add(2)
c: s.update([1, 3])
b: s.discard(1)
s._getvalue()

== set: stored in others
d = m.dict(s=m.set([1]))
d['s'].add(2)
d['s']._getvalue()
str(d)

== set: no such method
s = m.set()
s._callmethod('fly')  #! no-such-method

== set: wrong arguments
s = m.set()
s._callmethod('__and__', ())
s._callmethod('__or__', ({1}, {2}))
s._callmethod('__len__', (1,))
s._callmethod('__contains__', ())
s._callmethod('__iter__', (1,))
s._callmethod('add', (), {'x': 1})
s._callmethod('update', (), {'x': 1})
s._callmethod('__le__', ())
"""
