/*
 * fuzz_reply - the client library in front of a manager that says anything
 *
 * The library's own sockets lead to a manager in here, which shakes hands as it should
 * and then answers each request with what the input says: replies of any kind
 * around any value, to the right number or another, or bytes that are no reply. The calls are
 * those of the public header; each result is walked to its last element. At the
 * end no reference may have been given back that was not handed out.
 */
#include <sodium.h>
#include <sys/socket.h>

#include "client/proxy.h"
#include "proto/auth.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "proto/pack.h"
#include "proto/value.h"
#include "tests/fuzz/fuzz.h"

#define EPOCH       1
#define FIRST_IDENT ((uint64_t)EPOCH << 40 | 1)
#define N_IDENTS    16
#define MAX_REPLIES 64

/* The manager at the other end of whatever connection is open. */
static struct {
        struct auth_key *key;
        struct auth_identity client;
        struct auth auth;
        bool authenticated, greeted;
        struct buffer arrived, leaving, payload;
        size_t left_at;     /* of `leaving`: what has left */
        struct span pieces; /* sizes of what recv() returns */
        size_t n_pieces;
        struct input *input; /* what it says */
        struct scanner scanner;
        unsigned n_replies;
        uint64_t handed_out[N_IDENTS], given_back[N_IDENTS];
} far;

/* --- what it says */

static int count_token(void *data, const struct value_token *token)
{
        (void)data;
        if (token->ident >> 40 == EPOCH && (token->ident & 0xffffff) < N_IDENTS)
                ++far.handed_out[token->ident & 0xffffff];
        return 0;
}

/* One packed value from the input as it stands there; where there is none, a few raw bytes. */
static struct span far_value(bool *whole)
{
        struct span bytes = span_of(far.input->at, far.input->n_left);
        size_t size;

        *whole = bytes.size && scan_value(&far.scanner, bytes, &size) == 0;
        return input_take(far.input, *whole ? size : bytes.size % 16);
}

static void far_options(uint8_t choice, uint64_t number)
{
        pack_map(&far.leaving, choice & 2 ? 2 : 1);
        pack_cstr(&far.leaving, "i");
        pack_uint(&far.leaving, choice >= 0xe0 ? choice & 15 : number);
        if (choice & 2) {
                pack_cstr(&far.leaving, "more");
                pack_nil(&far.leaving);
        }
}

static void far_reply(const struct request *request)
{
        static const char *const kinds[] = { "#RETURN", "#ERROR",          "#TRACEBACK",
                                             "#PROXY",  "#UNSERIALIZABLE", "#RETURN" };
        uint8_t choice = input_byte(far.input);
        bool numbered = request->numbered != (choice >= 0xf0), whole;
        size_t begin = frame_begin(&far.leaving);
        struct span value;

        if (choice % 8 == 6) {
                pack_packed(&far.leaving, input_take(far.input, input_byte(far.input)));
        } else if (choice % 8 == 7) {
                pack_packed(&far.leaving, SPAN_LITERAL("\x92\xa7#RETURN\xc0"));
        } else {
                pack_array(&far.leaving, numbered ? 3 : 2);
                pack_cstr(&far.leaving, kinds[choice % 8]);
                value = far_value(&whole);
                pack_packed(&far.leaving, value);
                if (whole && (choice % 8 == 0 || choice % 8 == 3 || choice % 8 == 5))
                        value_visit_tokens(value, count_token, NULL);
                if (numbered)
                        far_options(choice, request->number);
        }
        frame_end(&far.leaving, begin);
}

static void far_greet(void)
{
        size_t begin = frame_begin(&far.leaving);

        reply_begin(&far.leaving, REPLY_RETURN, false);
        pack_map(&far.leaving, 3);
        pack_cstr(&far.leaving, "version");
        pack_uint(&far.leaving, 1);
        pack_cstr(&far.leaving, "epoch");
        pack_uint(&far.leaving, EPOCH);
        pack_cstr(&far.leaving, "max_frame");
        pack_uint(&far.leaving, 1 << 20);
        frame_end(&far.leaving, begin);
        far.greeted = true;
}

/* decref is answered as it should be; what it gives back must have been handed out. */
static bool far_take_back(const struct request *request)
{
        struct value_iter iter;
        struct span argument;
        uint64_t ident;
        size_t n;

        if (!span_equal(request->method, SPAN_LITERAL("decref")))
                return false;
        fuzz_check(value_iter_init(&iter, request->args, &n) && n == 1);
        fuzz_check(value_iter_next(&iter, &argument) && value_get_uint64(argument, &ident));
        fuzz_check(ident >> 40 == EPOCH);
        if ((ident & 0xffffff) < N_IDENTS)
                ++far.given_back[ident & 0xffffff];
        frame_append(&far.leaving, SPAN_LITERAL("\x92\xa7#RETURN\xc0"));
        return true;
}

static void far_hear(struct span payload)
{
        struct request request;

        if (!far.authenticated) {
                enum auth_result result = auth_feed(&far.auth, payload, &far.payload);

                fuzz_check(result != AUTH_FAILED);
                if (far.payload.size)
                        frame_append(&far.leaving, buffer_span(&far.payload));
                far.authenticated = result == AUTH_DONE;
                return;
        }
        fuzz_check(request_decode(&request, &far.scanner, payload) == 0);
        if (!far.greeted)
                far_greet();
        else if (!far_take_back(&request) && far.n_replies++ < MAX_REPLIES && far.input->n_left)
                far_reply(&request);
}

/* --- the sockets */

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size)
{
        (void)fd;
        (void)address;
        (void)size;
        auth_init(&far.auth, AUTH_SERVER, far.key, &far.client);
        far.authenticated = far.greeted = false;
        buffer_truncate(&far.arrived, 0);
        buffer_truncate(&far.leaving, 0);
        far.left_at = 0;
        fuzz_check(auth_start(&far.auth, &far.payload) == AUTH_CONTINUE);
        frame_append(&far.leaving, buffer_span(&far.payload));
        return 0;
}

ssize_t __wrap_send(int fd, const void *data, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t n, int flags)
{
        struct span payload;
        size_t taken;

        (void)fd;
        (void)flags;
        buffer_append(&far.arrived, data, n);
        while (frame_next(buffer_span(&far.arrived), FRAME_MAX, &payload, &taken) == 1) {
                far_hear(payload);
                buffer_consume(&far.arrived, taken);
        }
        fuzz_check(!far.leaving.failed && !far.arrived.failed);
        return (ssize_t)n;
}

/* In pieces; where nothing more was said, the connection has ended. */
ssize_t __wrap_recv(int fd, void *to, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t n, int flags)
{
        size_t left = far.leaving.size - far.left_at;

        (void)fd;
        (void)flags;
        if (far.greeted && far.pieces.size) {
                size_t piece = far.pieces.data[far.n_pieces++ % far.pieces.size] + 1u;

                n = piece < n ? piece : n;
        }
        n = left < n ? left : n;
        if (n)
                memcpy(to, far.leaving.data + far.left_at, n);
        far.left_at += n;
        return (ssize_t)n;
}

/* --- what is done with results */

static void walk(const mgr_value *value, unsigned depth);

static void walk_elements(const mgr_value *value, unsigned depth)
{
        mgr_value element, at, key;
        int64_t n = 0;
        mgr_iter iter;

        if (mgr_iter_init(&iter, value) < 0)
                return;
        while (mgr_iter_next(&iter, &element)) {
                walk(&element, depth + 1);
                if (n < 4 && value->kind != MGR_KIND_DICT)
                        fuzz_check(mgr_value_at(value, n, &at) == 0 && at.kind == element.kind);
                ++n;
        }
        fuzz_check((size_t)n == mgr_value_len(value));
        fuzz_check(mgr_value_at(value, n, &at) < 0);
        if (value->kind != MGR_KIND_DICT)
                return;
        fuzz_check(mgr_iter_init(&iter, value) == 0);
        for (n = 0; mgr_iter_next_item(&iter, &key, &element); ++n)
                if (n < 4 && mgr_value_equal(&key, &key) == 1)
                        fuzz_check(mgr_value_find(value, &key, &at) == 0);
        fuzz_check((size_t)n == mgr_value_len(value));
}

static void walk_proxy(const mgr_value *value)
{
        mgr_proxy *proxy;
        mgr_dict *dict;

        if (mgr_value_proxy(value, &proxy) == 0) {
                mgr_value handle = mgr_from_proxy(proxy);

                fuzz_check(mgr_value_equal(value, &handle) == 1);
                mgr_proxy_free(proxy);
        }
        if (mgr_value_dict(value, &dict) == 0)
                mgr_dict_free(dict);
}

static void walk_bytes(const mgr_value *value)
{
        mgr_value packed, again;

        fuzz_check(mgr_value_pack(value, &packed) == 0);
        if (mgr_value_unpack(packed.as.text.data, packed.as.text.size, &again) == 0) {
                fuzz_check(mgr_value_equal(value, &again) == mgr_value_equal(value, value));
                mgr_value_clear(&again);
        }
        mgr_value_clear(&packed);
}

static void walk(const mgr_value *value, unsigned depth)
{
        mgr_value text, copy;
        int64_t integer;
        double real;

        fuzz_check(mgr_value_type_name(value) != NULL);
        (void)mgr_value_truth(value);
        (void)mgr_value_get_int(value, &integer);
        (void)mgr_value_get_float(value, &real);
        if (value->kind == MGR_KIND_STR || value->kind == MGR_KIND_BYTES)
                fuzz_check(value->as.text.data[value->as.text.size] == '\0');
        (void)mgr_cstr(value);
        if (depth < 3) {
                if (mgr_value_repr(value, &text) == 0)
                        mgr_value_clear(&text);
                if (mgr_value_str(value, &text) == 0)
                        mgr_value_clear(&text);
                walk_bytes(value);
        }
        fuzz_check(mgr_value_copy(value, &copy) == 0);
        fuzz_check(mgr_value_equal(value, &copy) == mgr_value_equal(value, value));
        mgr_value_clear(&copy);
        if (value->kind == MGR_KIND_PROXY)
                walk_proxy(value);
        walk_elements(value, depth);
}

static void finish(int r, mgr_value *value)
{
        mgr_value error;

        if (r >= 0) {
                walk(value, 0);
                mgr_value_clear(value);
                return;
        }
        fuzz_check(mgr_errmsg() && mgr_error_name());
        if (mgr_error_value(&error) == 0) {
                walk(&error, 0);
                mgr_value_clear(&error);
        }
}

/* --- calls */

static void walk_pages(const mgr_dict *dict, const mgr_list *list)
{
        mgr_value key, value;
        mgr_walk *pages;
        unsigned n = 0;

        if ((dict ? mgr_dict_walk(dict, &pages) : mgr_list_walk(list, &pages)) < 0)
                return;
        while (n++ < 16 && mgr_walk_next(pages, &key, &value) > 0) {
                walk(&key, 1);
                walk(&value, 1);
        }
        mgr_walk_free(pages);
}

static void run_batch(mgr_manager *m, const mgr_proxy *proxy, struct input *input)
{
        unsigned n = input_below(input, 6);
        mgr_value value;
        mgr_batch *batch;

        fuzz_check(mgr_batch_new(m, &batch) == 0);
        for (unsigned i = 0; i < n; ++i)
                fuzz_check(mgr_batch_call(batch, proxy, "copy", NULL, 0) == 0);
        (void)mgr_batch_run(batch);
        for (unsigned i = 0; i <= n; ++i)
                for (unsigned k = 0; k < 2; ++k)
                        if (mgr_batch_result(batch, i, &value) == 0)
                                walk(&value, 1);
        mgr_batch_free(batch);
}

static void make_object(mgr_manager *m)
{
        mgr_proxy *proxy;

        if (mgr_proxy_new(m, "dict", NULL, 0, &proxy) == 0) {
                uint64_t ident = mgr_proxy_ident(proxy);

                if (ident >> 40 == EPOCH && (ident & 0xffffff) < N_IDENTS)
                        ++far.handed_out[ident & 0xffffff];
                mgr_proxy_free(proxy);
        }
}

static void call(mgr_manager *m, mgr_proxy *proxy, struct input *input)
{
        const mgr_value key = mgr_int(1);
        const mgr_dict *dict = (const mgr_dict *)proxy;
        const mgr_list *list = (const mgr_list *)proxy;
        mgr_value value = mgr_none(), other = mgr_none();
        size_t n;
        int r;

        switch (input_below(input, 12)) {
        case 0:
                r = mgr_dict_popitem(dict, &value, &other);
                if (r >= 0)
                        mgr_value_clear(&other);
                finish(r, &value);
                return;
        case 1:
                finish(mgr_list_take_value(list, 1, &value), &value);
                return;
        case 2:
                walk_pages(dict, NULL);
                return;
        case 3:
                walk_pages(NULL, list);
                return;
        case 4:
                run_batch(m, proxy, input);
                return;
        case 5:
                make_object(m);
                return;
        case 6:
                (void)mgr_dict_len(dict, &n);
                (void)mgr_dict_contains_value(dict, &key);
                (void)mgr_dict_set_value(dict, &key, &key);
                return;
        case 7:
                finish(mgr_manager_call(m, "stats", NULL, 0, &value), &value);
                return;
        case 8:
                finish(mgr_manager_debug_info(m, &value), &value);
                return;
        case 9:
                (void)mgr_manager_number_of_objects(m, &n);
                return;
        default:
                finish(mgr_dict_get_value(dict, &key, &value), &value);
        }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        scanner_init(&far.scanner, SCAN_DEFAULT_DEPTH);
        memset(far.scanner.hash_key, 1, sizeof(far.scanner.hash_key));
        far.arrived = far.leaving = far.payload = BUFFER_NULL;
        fuzz_check(auth_identity_self(&far.client) == 0);
        fuzz_check(sodium_init() >= 0 && auth_key_new(&far.key, SPAN_LITERAL("secret")) == 0);
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        mgr_options options = MGR_OPTIONS_INIT;
        struct input input = input_of(data, size), calls;
        struct span chosen;
        mgr_manager *m;
        mgr_proxy *proxy;

        far.pieces = input_take(&input, input_below(&input, 8));
        chosen = input_take(&input, input_below(&input, 16));
        calls = input_of(chosen.data, chosen.size);
        far.input = &input;
        far.n_pieces = far.n_replies = 0;
        memset(far.handed_out, 0, sizeof(far.handed_out));
        memset(far.given_back, 0, sizeof(far.given_back));

        options.authkey = "secret";
        options.authkey_size = 6;
        fuzz_check(mgr_connect(&m, "/nowhere", &options) == 0);
        /* one that was got in some other way */
        manager_receive_ref(m, FIRST_IDENT);
        ++far.handed_out[1];
        fuzz_check(proxy_make(m, SPAN_LITERAL("dict"), FIRST_IDENT, &proxy) == 0);
        while (calls.n_left && input.n_left)
                call(m, proxy, &calls);
        mgr_proxy_free(proxy);
        mgr_manager_free(m);
        for (unsigned i = 0; i < N_IDENTS; ++i)
                fuzz_check(far.given_back[i] <= far.handed_out[i]);
        return 0;
}
