/*
 * set_result - set: operations whose result is a new set
 *
 * A new value, not a new object. Its elements are spelled as in the set on the
 * left, and come in its order; then come those of the right.
 */
#include "managerd/types/set.h"
#include "proto/pack.h"

enum operation { OPERATION_AND, OPERATION_OR, OPERATION_SUB, OPERATION_XOR };

/* A set that is being packed. */
struct result {
        struct buffer *out;
        size_t ext, array;
        size_t n;
};

static void result_begin(struct result *result, struct buffer *out)
{
        result->out = out;
        result->ext = pack_ext_begin(out);
        result->array = pack_array_begin(out);
        result->n = 0;
}

static void result_end(struct result *result, bool frozen)
{
        pack_array_end(result->out, result->array, result->n);
        pack_ext_end(result->out, result->ext, frozen ? EXT_FROZENSET : EXT_SET);
}

static void result_add(struct result *result, const struct table_entry *entry)
{
        pack_packed(result->out, table_entry_key(entry));
        ++result->n;
}

static void result_add_all(struct result *result, const struct table *from)
{
        entries_pack_keys(from, result->out);
        result->n += table_count(from);
}

/* Those that are not in `other`. */
static void result_add_missing(struct result *result, const struct table *from,
                               const struct table *other)
{
        for (struct table_entry *entry = table_first(from); entry && !result->out->failed;
             entry = table_next(from, entry))
                if (!set_table_has(other, from, entry))
                        result_add(result, entry);
}

/* Takes time in proportion to the smaller one, whose order it is then. */
static void result_add_common(struct result *result, const struct table *left,
                              const struct table *right)
{
        const struct table *small = table_count(left) <= table_count(right) ? left : right;
        struct table_entry *entry, *spelled;

        for (entry = table_first(small); entry && !result->out->failed;
             entry = table_next(small, entry)) {
                if (small == left)
                        spelled = set_table_has(right, left, entry) ? entry : NULL;
                else
                        spelled = entries_find(left, entry);
                if (spelled)
                        result_add(result, spelled);
        }
}

static void pack_result(enum operation operation, const struct table *left,
                        const struct table *right, bool frozen, struct buffer *out)
{
        struct result result;

        result_begin(&result, out);
        switch (operation) {
        case OPERATION_AND:
                result_add_common(&result, left, right);
                break;
        case OPERATION_OR:
                result_add_all(&result, left);
                result_add_missing(&result, right, left);
                break;
        case OPERATION_SUB:
                result_add_missing(&result, left, right);
                break;
        case OPERATION_XOR:
                result_add_missing(&result, left, right);
                result_add_missing(&result, right, left);
                break;
        }
        result_end(&result, frozen);
}

/* --- operators: the result is of the type of what stands on the left */

static int run_operator(struct object *self, struct call *call, enum operation operation,
                        bool reflected)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r;

        r = set_operand_of_set(&other, set, call, call->args[0]);
        if (r == 0)
                pack_ext(call->reply, EXT_NOT_IMPLEMENTED, SPAN_LITERAL(""));
        else if (r > 0 && reflected)
                pack_result(operation, other.table, &set->table, other.frozen, call->reply);
        else if (r > 0)
                pack_result(operation, &set->table, other.table, false, call->reply);
        set_operand_deinit(&other, set);
        return r < 0 ? r : CALL_DONE;
}

int set_run_and(struct object *self, struct call *call)
{
        return run_operator(self, call, OPERATION_AND, false);
}

int set_run_or(struct object *self, struct call *call)
{
        return run_operator(self, call, OPERATION_OR, false);
}

int set_run_sub(struct object *self, struct call *call)
{
        return run_operator(self, call, OPERATION_SUB, false);
}

int set_run_xor(struct object *self, struct call *call)
{
        return run_operator(self, call, OPERATION_XOR, false);
}

int set_run_rand(struct object *self, struct call *call)
{
        return run_operator(self, call, OPERATION_AND, true);
}

int set_run_ror(struct object *self, struct call *call)
{
        return run_operator(self, call, OPERATION_OR, true);
}

int set_run_rsub(struct object *self, struct call *call)
{
        return run_operator(self, call, OPERATION_SUB, true);
}

int set_run_rxor(struct object *self, struct call *call)
{
        return run_operator(self, call, OPERATION_XOR, true);
}

/* --- methods: of any iterables */

/* `r` is what became of making the operand, which is given up. */
static int return_result(struct set *set, struct call *call, enum operation operation, int r,
                         struct set_operand *other)
{
        if (r == 0)
                pack_result(operation, &set->table, other->table, false, call->reply);
        set_operand_deinit(other, set);
        return r < 0 ? r : CALL_DONE;
}

int set_run_union(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r = set_operand_of_any(&other, set, call);

        return return_result(set, call, OPERATION_OR, r, &other);
}

int set_run_difference(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r = set_operand_of_any(&other, set, call);

        return return_result(set, call, OPERATION_SUB, r, &other);
}

int set_run_symmetric_difference(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r = set_operand_of_iterable(&other, set, call, call->args[0]);

        return return_result(set, call, OPERATION_XOR, r, &other);
}

int set_run_intersection(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r = set_operand_of_each(&other, set, call);

        /* without arguments all of it: a union with nothing */
        return return_result(set, call, call->n_more ? OPERATION_AND : OPERATION_OR, r, &other);
}
