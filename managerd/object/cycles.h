/*
 * cycles - finding containers that only refer to each other
 *
 * Reference counts never free d1["x"] = d2; d2["y"] = d1 once nobody outside
 * holds either. Objects that lost a reference but are still held from inside
 * are candidates; the search follows what they reach, subtracts the references
 * that come from within, and buries what has none left from without.
 */
#pragma once

#include "managerd/object/store.h"

/*
 * Searches from all candidates and empties their list. Costs in proportion to
 * what they reach; what was looked at in vain stands in store->search_cost then. Returns how many
 * objects were buried, or -STATUS_NOMEM with the candidates left for the next time.
 */
int cycles_collect(struct store *store);
