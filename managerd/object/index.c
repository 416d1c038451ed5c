/*
 * index - bytes to pointers: finding things that live elsewhere
 */
#include "managerd/object/index.h"

#include <string.h>

void *index_find(const struct table *index, struct span key)
{
        struct table_key k;
        struct table_entry *entry;
        void *pointer;

        table_key_from_bytes(&k, index, key);
        entry = table_find(index, &k);
        if (!entry)
                return NULL;
        memcpy(&pointer, table_entry_value(entry).data, sizeof(pointer));
        return pointer;
}

int index_set(struct table *index, struct span key, void *pointer)
{
        struct table_key k;

        table_key_from_bytes(&k, index, key);
        return table_set(index, &k, span_of(&pointer, sizeof(pointer)), NULL);
}

void index_remove(struct table *index, struct span key)
{
        struct table_key k;
        struct table_entry *entry;

        table_key_from_bytes(&k, index, key);
        entry = table_find(index, &k);
        if (entry)
                table_remove(index, entry);
}
