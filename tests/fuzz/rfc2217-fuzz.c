/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Fuzz target for telnet and its COM port option: what comes from a server, taken whole and byte by
 * byte, which must agree in data, answers and all that is known of the server afterwards.
 *
 * A libFuzzer target; fuzz-main.c runs it without libFuzzer.
 */

#include "sy-rfc2217.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
  SyRfc2217 telnet;
  GByteArray *data;
} Run;

static void run(Run *run, const uint8_t *bytes, size_t size, size_t chunk)
{
  g_autofree guint8 *data = g_malloc(MAX(chunk, 1)); /* exactly, so that a byte more is seen */

  memset(&run->telnet, 0, sizeof run->telnet);
  sy_rfc2217_init(&run->telnet);
  run->data = g_byte_array_new();
  sy_rfc2217_ask(&run->telnet, SY_COM_BAUD_RATE, 115200);
  for (size_t taken = 0; taken < size;) {
    size_t piece = MIN(chunk, size - taken);
    gsize count = sy_rfc2217_take(&run->telnet, bytes + taken, piece, data);

    g_assert_cmpuint(count, <=, piece);
    g_byte_array_append(run->data, data, (guint)count);
    taken += piece;
  }
  g_assert_cmpuint(run->telnet.out_length, <=, SY_RFC2217_OUT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autofree Run *whole = g_new(Run, 1), *bytes = g_new(Run, 1);

  run(whole, data, size, size);
  run(bytes, data, size, 1);
  g_assert_cmpmem(whole->data->data, whole->data->len, bytes->data->data, bytes->data->len);
  g_assert_cmpmem(whole->telnet.out, whole->telnet.out_length, bytes->telnet.out,
                  bytes->telnet.out_length);
  g_assert_cmpmem(&whole->telnet, sizeof whole->telnet, &bytes->telnet, sizeof bytes->telnet);
  g_byte_array_unref(whole->data);
  g_byte_array_unref(bytes->data);
  return 0;
}
