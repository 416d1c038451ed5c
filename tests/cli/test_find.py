"""The server-level call that managerctl reaches objects by: find."""
import unittest

import ctl
import wire
from wire import RemoteError, RemoteException, Token


class Find(ctl.CtlTest):
    def references(self, ident):
        return self.client.server("describe", ident)["references"]

    def test_by_name_ident_and_token(self):
        ident = self.open("dict", "d")
        for what in ("d", ident, Token("dict", ident)):
            token = self.client.server("find", what)
            self.assertEqual((token.typeid, token.ident, token.address), ("dict", ident, None))
        with self.assertRaises(RemoteException) as caught:
            self.client.server("find", "nothing")
        self.assertEqual((caught.exception.name, caught.exception.arguments),
                         ("NameError", ("nothing",)))
        with self.assertRaisesRegex(RemoteError, "NoSuchObject"):
            self.client.server("find", 5)
        with self.assertRaises(RemoteException):
            self.client.server("find", 1.5)

    def test_counted_once_for_native_clients(self):
        ident = self.open("list", "l")
        with self.daemon.connect() as native:
            native.hello()
            for n, what in enumerate(("l", ident, Token("list", ident)), 1):
                native.server("find", what)
                self.assertEqual(self.references(ident), 2 + n)
            for _ in range(3):
                native.server("decref", ident)
            self.assertEqual(self.references(ident), 2)

    def test_kept_for_others_until_their_next_request(self):
        ident = self.open("list", "l")
        self.client.server("decref", ident)
        with self.daemon.connect() as stock:
            stock.server("find", "l")
            self.client.server("unlink", "l")
            self.assertEqual(self.client.call(ident, "__len__"), 0)
            stock.server("incref", ident)
            stock.server("dummy")
            self.assertEqual(self.client.call(ident, "__len__"), 0)
            stock.server("decref", ident)
            stock.server("dummy")
        wire.wait_until(lambda: self.client.server("number_of_objects") == 0)


if __name__ == "__main__":
    unittest.main()
