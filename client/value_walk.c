/*
 * value_walk - looking inside of containers that are here
 */
#include "client/content.h"
#include "client/error.h"
#include "proto/value.h"

size_t mgr_value_len(const mgr_value *value)
{
        struct value_typed_array array;
        struct value_iter iter;
        size_t n;

        if (!value)
                return 0;
        if (value->kind == MGR_KIND_STR || value->kind == MGR_KIND_BYTES)
                return value->as.text.size;
        if (value->kind == MGR_KIND_OTHER && value_get_typed_array(content_span(value), &array))
                return array.items.size / array.item_size;
        if (value->kind < MGR_KIND_LIST || value->kind > MGR_KIND_FROZENSET ||
            !value_iter_init(&iter, content_span(value), &n))
                return 0;
        return n;
}

int mgr_iter_init(mgr_iter *iter, const mgr_value *container)
{
        struct value_iter walk;
        size_t n;

        if (!iter || !container)
                return error_set_status(-STATUS_ARGUMENT);
        *iter = (mgr_iter){ .at = NULL };
        if (container->kind < MGR_KIND_LIST || container->kind > MGR_KIND_FROZENSET ||
            !value_iter_init(&walk, content_span(container), &n))
                return error_set(-STATUS_TYPE, "'%s' object is not iterable",
                                 mgr_value_type_name(container));
        iter->at = walk.at;
        iter->n_left = walk.n_left;
        iter->origin = container->origin;
        iter->step = container->kind == MGR_KIND_DICT ? 2 : 1;
        return 0;
}

static bool iter_step(mgr_iter *iter, mgr_value *out)
{
        struct value_iter walk = { .at = iter->at, .n_left = iter->n_left };
        struct span element;

        if (!value_iter_next(&walk, &element))
                return false;
        iter->at = walk.at;
        iter->n_left = walk.n_left;
        if (out)
                content_view(element, iter->origin, out);
        return true;
}

int mgr_iter_next(mgr_iter *iter, mgr_value *element)
{
        if (!iter || !iter_step(iter, element))
                return 0;
        if (iter->step == 2)
                iter_step(iter, NULL);
        return 1;
}

int mgr_iter_next_item(mgr_iter *iter, mgr_value *key, mgr_value *value)
{
        return iter && iter->step == 2 && iter_step(iter, key) && iter_step(iter, value);
}

int mgr_value_at(const mgr_value *container, int64_t index, mgr_value *element)
{
        int64_t n = (int64_t)mgr_value_len(container);
        mgr_iter iter;
        int r;

        r = mgr_iter_init(&iter, container);
        if (r < 0)
                return r;
        if (index < 0)
                index += n;
        if (index < 0 || index >= n || iter.step != 1)
                return error_set(-STATUS_INDEX, "%s index out of range",
                                 mgr_value_type_name(container));
        while (index-- > 0)
                iter_step(&iter, NULL);
        iter_step(&iter, element);
        return 0;
}

int mgr_value_find(const mgr_value *dict, const mgr_value *key, mgr_value *value)
{
        _buffer_cleanup_ struct buffer packed = BUFFER_NULL;
        struct value_iter walk;
        struct span found_key, found;
        size_t n;
        int r;

        r = content_pack_checked(&packed, key);
        if (r < 0)
                return r;
        if (!dict || dict->kind != MGR_KIND_DICT || !value_iter_init(&walk, content_span(dict), &n))
                return error_set(-STATUS_TYPE, "'%s' is no dict", mgr_value_type_name(dict));

        while (value_iter_next(&walk, &found_key) && value_iter_next(&walk, &found)) {
                bool equal;

                r = value_equal(found_key, buffer_span(&packed), &equal);
                if (r < 0)
                        return error_set_status(r);
                if (!equal)
                        continue;
                if (value)
                        content_view(found, dict->origin, value);
                return 0;
        }
        return error_set(-STATUS_KEY, "KeyError: the dict has no such key");
}
