"""Rows of the comparison with CPython: dict and Iterator."""

ROWS = r"""
== dict: made of nothing
d = m.dict()
len(d)
str(d)
d.copy()
d._getvalue()
copy.deepcopy(d)

== dict: made of a dict and keywords
d = m.dict({'a': 1, 'b': 2}, b=3, c=4)
d.items()
str(d)

== dict: made of pairs
d = m.dict([('a', 1), ['b', 2], 'cd', ('a', 9)])
d.items()

== dict: made of a proxy
other = m.dict({'a': 1, 2: 'b'})
d = m.dict(other, c=3)
d.items()
m.dict(m.list([('x', 1)])).items()
m.dict(m.list(['xy', 'zw'])).items()

== dict: cannot be made
m.dict(5)
m.dict(None)
m.dict([1])
m.dict([(1, 2), (1, 2, 3)])
m.dict(['a'])
m.dict([([], 1)])
m.dict({}, {})
m.dict(1, 2, 3)

== dict: item
d = m.dict({'a': 1})
d['a']
d['b']
d[1]
d[[]]
d[{}]
d[set()]
d[(1, [])]
d['b'] = [1, {'x': (1, 2)}]
d['b']
d[{1}] = 1
d.copy()

== dict: equal keys are one key
d = m.dict({1: 'one'})
d[1.0] = 'uno'
d[True] = 'yes'
d.items()
d[0] = 'zero'
d[False]
d[-0.0]
d['1'] = 'text'
d[b'1'] = 'bytes'
d[(1, 2.0)] = 'tuple'
d[(1.0, 2)]
d[(True, 2)]
d[frozenset([1, 2])] = 'frozen'
d[frozenset([2.0, True])]
d[None] = 'none'
len(d)
d.keys()

== dict: big and small numbers as keys
d = m.dict()
d[2**64] = 'a'
d[float(2**64)]
d[-2**63] = 'b'
d[float(-2**63)]
d[-2**70] = 'c'
d[-2.0**70]
d[2**53 + 1] = 'd'
d[float(2**53)]
d[inf] = 'e'
d[inf]
d.items()

== dict: not a number
d = m.dict()
d[nan] = 1
d[float('nan')] = 2
len(d)
d[float('nan')]
float('nan') in d

== dict: contains
d = m.dict({'a': 1, (1, 2): 3})
'a' in d
'b' in d
(1, 2) in d
[1, 2] in d
None in d

== dict: deletion
d = m.dict({'a': 1, 'b': 2})
del d['a']
del d['a']
del d[[]]
d.items()

== dict: get
d = m.dict({'a': None})
d.get('a')
d.get('a', 5)
d.get('b')
d.get('b', 5)
d.get('b', [])
d.get([])
d.get()
d.get(1, 2, 3)
d.get(key='a')

== dict: setdefault
d = m.dict()
d.setdefault('a')
d.setdefault('a', 5)
d.setdefault('b', 5)
d.setdefault('b')
d.setdefault([], 5)
d.setdefault()
d.items()

== dict: pop
d = m.dict({'a': 1, 'b': 2})
d.pop('a')
d.pop('a')
d.pop('a', None)
d.pop('a', 5)
d.pop([])
d.pop()
d.pop(1, 2, 3)
d.items()

== dict: popitem takes the last
d = m.dict({'a': 1, 'b': 2, 'c': 3})
d['a'] = 4
d.popitem()
d.popitem()
d.popitem()
d.popitem()
d.popitem(1)

== dict: clear
d = m.dict({'a': 1})
d.clear()
len(d)
d.clear()
d.clear(1)
d['a'] = 2
d.items()

== dict: order
d = m.dict({'a': 1, 'b': 2, 'c': 3})
d['a'] = 9
del d['b']
d['b'] = 8
d.keys()
d.values()
d.items()
list(d)
list(reversed(d))
d.keys(1)

== dict: update in all forms
d = m.dict({'a': 1})
d.update({'b': 2})
d.update([('c', 3)])
d.update(d=4)
d.update({'e': 5}, e=6, f=7)
d.update(m.dict(g=8))
d.update(m.list([('h', 9)]))
d.update(d)
d.update()
d.update({})
d.items()

== dict: update refuses
d = m.dict()
d.update(5)
d.update(None)
d.update('a')
d.update([1])
d.update([(1,)])
d.update([(1, 2, 3)])
d.update({}, {})
d.update(m.list([5]))
d.items()

== dict: update that fails halfway
d = m.dict()
d.update([(1, 2), (3,)])
d.items()  #! atomic
d.update([(5, 6), ([], 7)])
5 in d  #! atomic

== dict: operators
d = m.dict({'a': 1, 'b': 2})
d | {'b': 3, 'c': 4}
d.__ror__({'b': 3, 'c': 4})
d.__or__([('c', 4)])
d.__or__(5)
d.__ror__(5)
d.items()
d |= {'b': 3}
d |= [('z', 26)]
d.items()
d |= 5
d.__ior__()

== dict: or with a proxy
d = m.dict(a=1)
d.__or__(m.dict(b=2))  #! or-proxy
d |= m.dict(b=2)
d.items()

== dict: fromkeys
d = m.dict(a=1)
d.fromkeys([1, 2])
d.fromkeys('abca', 0)
d.fromkeys({'x': 1}, [])
d.fromkeys(5)
d.fromkeys([[]])
d.fromkeys()
d.items()

== dict: text
d = m.dict()
d['text'] = "it's"
d["'"] = '"\'"'
d['bytes'] = b"\x00a'"
d['float'] = [1.0, -0.0, 1e16, 1e-5, 0.1, 1e22, 123456789012345680.0, inf, -inf, nan]
d['none'] = [None, True, False]
d['tuple'] = [(), (1,), (1, 2)]
d['nested'] = {1: {2: [3]}}
d['big'] = 2**70
d['escapes'] = '\n\t\\\x00\x7f\xa0\xad胡\U0001f600\u200b'
d['frozen'] = [frozenset(), frozenset([1]), set(), {1}]
d['slice'] = slice(1, None, 2)
str(d)
d.copy()

== dict: powers of two in text
d = m.dict(a=[2.0**k for k in range(-1074, 1024, 37)])
str(d)

== dict: a proxy as a value
d = m.dict()
e = m.dict(x=1)
d['e'] = e
d['e']['x'] = 2
e['x']
d['e']['y'] = 3
str(d['e'])
str(d)
d.pop('e').copy()
len(d)

== dict: a proxy as a value of a dict in a dict
d = m.dict()
l = m.list([1])
d['deep'] = {'list': [l, (l,)]}
d['deep']['list'][0].append(2)
l[:]
d['deep']['list'][1][0][1]

== dict: holds what it stores
d = m.dict()
d['l'] = m.list([1, 2])
d['l'][0]
d['m'] = m.dict(n=m.list([3]))
d['m']['n'][0]

== dict: proxies as keys
l = m.list([1])
d = m.dict()
d[l] = 1
len(d)
l in d  #! proxy-equality

== dict: three actors
d = m.dict()
d['a'] = 1
b: d['b'] = d['a'] + 1
c: d['c'] = d['b'] + 1
b: d.items()
c: del d['a']
d.keys()

== dict: equality in values
d = m.dict({'a': [1, (2, 3.0), {'x': b'y'}]})
d['a'] == [True, (2.0, 3), {'x': b'y'}]
d.values().count([1, (2, 3), {'x': b'y'}])

== dict: no such method
d = m.dict()
d._callmethod('fly')  #! no-such-method
d._callmethod('__class__')  #! no-such-method
d._callmethod('__eq__', ({},))  #! no-such-method

== dict: str and repr as methods
d = m.dict(a=1)
d._callmethod('__str__')
d._callmethod('__repr__')
d._callmethod('#GETVALUE')

== Iterator: walks the keys
d = m.dict({'a': 1, 'b': 2})
i = iter(d)
next(i)
next(i)
next(i)
next(i)
d['c'] = 3
next(i)

== Iterator: an empty dict
i = iter(m.dict())
next(i)

== Iterator: changed size
d = m.dict({'a': 1, 'b': 2})
i = iter(d)
next(i)
d['c'] = 3
next(i)
next(i)
del d['c']
next(i)

== Iterator: changed values
d = m.dict({'a': 1, 'b': 2})
i = iter(d)
next(i)
d['a'] = 5
d['b'] = 6
next(i)
next(i)

== Iterator: a key replaced by another
d = m.dict({'a': 1, 'b': 2, 'c': 3})
i = iter(d)
next(i)
del d['b']
d['x'] = 4
next(i)
next(i)

== Iterator: its holder is gone
i = iter(m.dict({'a': 1}))
next(i)
next(i)

== Iterator: two walks
d = m.dict({'a': 1, 'b': 2})
i = iter(d)
j = iter(d)
next(i)
b: next(j)
b: next(i)
next(j)
next(i)
b: next(j)

== Iterator: used up
d = m.dict({'a': 1, 'b': 2, 'c': 3})
i = iter(d)
next(i)
list(i)
next(i)

== Iterator: not a generator
i = iter(m.dict(a=1))
i.send(1)  #! no-such-method
i.throw(ValueError)  #! no-such-method
i.close()  #! no-such-method
str(i)
i.__next__(1)

== Iterator: comprehensions
d = m.dict({'a': 1, 'b': 2, 'c': 3})
{k: d[k] for k in d}
[k for k in d if k != 'b']
sorted(d, reverse=True)
dict(d)
"""
