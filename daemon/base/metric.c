#include "daemon/base/metric.h"

const struct metric_row metric_table[METRIC_COUNT] = {
#define METRIC(name, kind, help) [METRIC_##name] = {#name, METRIC_##kind, help},
#include "daemon/base/metric.def"
#undef METRIC
};
