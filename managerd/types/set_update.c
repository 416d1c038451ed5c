/*
 * set_update - set: changes of the whole set
 *
 * An element that stays keeps its place and its spelling, whatever it was
 * compared with.
 */
#include "managerd/types/set.h"

#include <stdlib.h>

#include "proto/pack.h"

/* What is to be kept is few where it is at most one in so many. */
#define KEEP_FEW 4

/* --- taking out: cannot fail */

void set_drop(struct set *set, struct table_entry *entry)
{
        if (object_has_links(&set->object))
                object_disown(&set->object, table_entry_key(entry));
        table_remove(&set->table, entry);
}

void set_empty(struct set *set)
{
        object_disown_all(&set->object);
        entries_discard(set->object.store, &set->table);
}

/* Drops the elements that `other` has, or those that it has not, by a walk through the set. */
static void drop_where(struct set *set, const struct table *other, bool has)
{
        struct table_entry *entry, *next;

        for (entry = table_first(&set->table); entry; entry = next) {
                next = table_next(&set->table, entry);
                if ((entries_find(other, entry) != NULL) == has)
                        set_drop(set, entry);
        }
}

/* Drops what `other` has, too, if it came before `sequence`. */
static void drop_common(struct set *set, const struct table *other, uint64_t sequence)
{
        struct table_entry *entry, *own;

        for (entry = table_first(other); entry; entry = table_next(other, entry)) {
                own = entries_find(&set->table, entry);
                if (own && table_entry_sequence(own) < sequence)
                        set_drop(set, own);
        }
}

static void set_subtract(struct set *set, const struct table *other)
{
        if (other == &set->table)
                set_empty(set);
        else if (table_count(other) <= table_count(&set->table))
                drop_common(set, other, UINT64_MAX);
        else
                drop_where(set, other, true);
}

/* --- keeping few */

static int compare_sequences(const void *a, const void *b)
{
        uint64_t x = table_entry_sequence(*(struct table_entry *const *)a);
        uint64_t y = table_entry_sequence(*(struct table_entry *const *)b);

        return (x > y) - (x < y);
}

/* The entries that `other` has, too, in their order; to be freed. NULL without memory. */
static struct table_entry **find_common(struct set *set, const struct table *other, size_t *n)
{
        struct table_entry **common = calloc(table_count(other) + 1, sizeof(*common));
        struct table_entry *entry, *own;

        if (!common)
                return NULL;
        *n = 0;
        for (entry = table_first(other); entry; entry = table_next(other, entry)) {
                own = entries_find(&set->table, entry);
                if (own)
                        common[(*n)++] = own;
        }
        qsort(common, *n, sizeof(*common), compare_sequences);
        return common;
}

/* Copies of the entries with their sequences, so that a walk in pages goes on where it was. */
static int stage_common(struct set *set, struct table *stage, struct table_entry *const *common,
                        size_t n)
{
        struct table_key key;
        int r = 0;

        for (size_t i = 0; r == 0 && i < n; ++i) {
                stage->next_sequence = table_entry_sequence(common[i]);
                table_key_from_entry(&key, common[i]);
                r = table_set(stage, &key, SPAN_LITERAL(""), NULL);
        }
        stage->next_sequence = set->table.next_sequence;
        return r;
}

/*
 * Of a big set only what a small one has: in time for the small one, the rest is freed in
 * steps. False where that cannot be; nothing has been changed then.
 */
static bool set_keep_few(struct set *set, const struct table *other)
{
        struct table_entry **common;
        struct table stage;
        size_t n;
        int r;

        if (table_count(other) > table_count(&set->table) / KEEP_FEW ||
            object_has_links(&set->object))
                return false;
        common = find_common(set, other, &n);
        if (!common)
                return false;
        table_init(&stage, set->table.world);
        r = stage_common(set, &stage, common, n);
        free(common);
        if (r < 0) {
                entries_discard(set->object.store, &stage);
                return false;
        }
        entries_discard(set->object.store, &set->table);
        table_move(&stage, &set->table);
        return true;
}

static void set_intersect(struct set *set, const struct table *other)
{
        if (other != &set->table && !set_keep_few(set, other))
                drop_where(set, other, false);
}

/* --- putting in: what is new is staged */

static int stage_missing(struct set *set, struct call *call, struct table *stage,
                         const struct table *from)
{
        struct table_entry *entry;
        struct table_key key;
        int r;

        for (entry = table_first(from); entry; entry = table_next(from, entry)) {
                if (set_table_has(&set->table, from, entry))
                        continue;
                table_key_from_entry(&key, entry);
                r = table_set(stage, &key, SPAN_LITERAL(""), NULL);
                if (r < 0)
                        return call_fail_status(call, r);
        }
        return 0;
}

static int stage_argument(struct set *set, struct call *call, struct table *stage,
                          struct span value)
{
        _elements_cleanup_ struct elements elements = { .copy = BUFFER_NULL };
        struct set *other;
        int r;

        r = set_get_other(call, value, &other);
        if (r < 0)
                return r;
        if (other)
                return stage_missing(set, call, stage, &other->table);
        r = elements_init(&elements, call, value);
        return r < 0 ? r : entries_collect(stage, call, &elements, &set->table);
}

/* The referents of the proxies in what is new: all or nothing. */
static int adopt_stage(struct set *set, const struct table *stage)
{
        struct table_entry *entry;
        int r = 0;

        for (entry = table_first(stage); entry; entry = table_next(stage, entry)) {
                r = object_adopt(&set->object, table_entry_key(entry));
                if (r < 0)
                        break;
        }
        if (r == 0)
                return 0;
        while ((entry = table_previous(stage, entry)))
                object_disown(&set->object, table_entry_key(entry));
        return r;
}

/* `r` is what became of staging; consumes the stage. */
static int set_commit(struct set *set, struct call *call, struct table *stage, int r)
{
        if (r == 0 && call->has_tokens) {
                r = adopt_stage(set, stage);
                if (r < 0)
                        call_fail_status(call, r);
        }
        if (r < 0)
                entries_discard(set->object.store, stage);
        else
                table_merge(&set->table, stage);
        return r;
}

int set_fill(struct set *set, struct call *call, struct span iterable)
{
        struct table stage;

        table_stage_begin(&stage, &set->table);
        return set_commit(set, call, &stage, stage_argument(set, call, &stage, iterable));
}

/* --- methods: of any iterables */

int set_run_update(struct object *self, struct call *call)
{
        struct value_iter iter = { call->more, call->n_more };
        struct set *set = set_of(self);
        struct span argument;
        struct table stage;
        int r;

        r = call_return_none(call);
        if (r < 0)
                return r;
        table_stage_begin(&stage, &set->table);
        while (r == 0 && value_iter_next(&iter, &argument))
                r = stage_argument(set, call, &stage, argument);
        return set_commit(set, call, &stage, r);
}

int set_run_difference_update(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r;

        r = call_return_none(call);
        if (r < 0)
                return r;
        r = set_operand_of_any(&other, set, call);
        if (r == 0)
                set_subtract(set, other.table);
        set_operand_deinit(&other, set);
        return r;
}

int set_run_intersection_update(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r;

        r = call_return_none(call);
        if (r < 0 || call->n_more == 0)
                return r;
        r = set_operand_of_each(&other, set, call);
        if (r == 0)
                set_intersect(set, other.table);
        set_operand_deinit(&other, set);
        return r;
}

/* Puts in what only the other has, and takes out what both have. */
static int set_exchange(struct set *set, struct call *call, const struct table *other)
{
        uint64_t sequence = set->table.next_sequence;
        struct table stage;
        int r;

        if (other == &set->table) {
                set_empty(set);
                return 0;
        }
        table_stage_begin(&stage, &set->table);
        r = set_commit(set, call, &stage, stage_missing(set, call, &stage, other));
        if (r == 0)
                drop_common(set, other, sequence);
        return r;
}

int set_run_symmetric_difference_update(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r;

        r = call_return_none(call);
        if (r < 0)
                return r;
        r = set_operand_of_iterable(&other, set, call, call->args[0]);
        if (r == 0)
                r = set_exchange(set, call, other.table);
        set_operand_deinit(&other, set);
        return r;
}

/* --- operators: of sets. Python's return the set, which its proxy ignores */

/* 1 where the argument is a set, and None is the result; else NotImplemented, or the failure. */
static int operator_begin(struct set *set, struct call *call, struct set_operand *other)
{
        int r;

        r = set_operand_of_set(other, set, call, call->args[0]);
        if (r < 0)
                return r;
        if (r == 0) {
                pack_ext(call->reply, EXT_NOT_IMPLEMENTED, SPAN_LITERAL(""));
                return 0;
        }
        r = call_return_none(call);
        return r < 0 ? r : 1;
}

static int operator_end(struct set *set, struct set_operand *other, int r)
{
        set_operand_deinit(other, set);
        return r < 0 ? r : CALL_DONE;
}

int set_run_ior(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        struct table stage;
        int r;

        r = operator_begin(set, call, &other);
        if (r > 0) {
                table_stage_begin(&stage, &set->table);
                r = set_commit(set, call, &stage, stage_missing(set, call, &stage, other.table));
        }
        return operator_end(set, &other, r);
}

int set_run_isub(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r;

        r = operator_begin(set, call, &other);
        if (r > 0)
                set_subtract(set, other.table);
        return operator_end(set, &other, r);
}

int set_run_iand(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r;

        r = operator_begin(set, call, &other);
        if (r > 0)
                set_intersect(set, other.table);
        return operator_end(set, &other, r);
}

int set_run_ixor(struct object *self, struct call *call)
{
        struct set *set = set_of(self);
        struct set_operand other;
        int r;

        r = operator_begin(set, call, &other);
        if (r > 0)
                r = set_exchange(set, call, other.table);
        return operator_end(set, &other, r);
}
