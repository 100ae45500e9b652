/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is said of a port behind a network. */

#include "sy-trouble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define RAW     "socket://substation-7.example:2001"
#define RFC2217 "rfc2217://[fe80::7]:2001"

static SyTrouble *make(SyTroubleKind kind, const char *port, const char *said)
{
  return sy_trouble_new(kind, &(SyTroubleFacts){.port = port, .said = said});
}

static void assert_says(SyTroubleKind kind, const char *port, const char *said, const char *key,
                        const char *part)
{
  g_autoptr(SyTrouble) trouble = make(kind, port, said);
  g_autofree char *lines = sy_trouble_dup_lines(trouble);

  assert_int_equal(trouble->kind, kind);
  assert_string_equal(sy_trouble_kind_to_key(kind), key);
  assert_non_null(trouble->checks);
  if (!strstr(lines, part))
    fail_msg("“%s”: no “%s”", lines, part);
}

static void each_says_what_happened_where_and_what_to_check(void **state)
{
  (void)state;
  assert_says(SY_TROUBLE_NO_HOST, RAW, NULL, "no-host", "named substation-7.example.");
  assert_says(SY_TROUBLE_REFUSED, RAW, NULL, "refused",
              "substation-7.example is there, but takes no connection on port 2001.");
  assert_says(SY_TROUBLE_UNREACHABLE, RFC2217, NULL, "unreachable",
              "at [fe80::7]:2001 does not answer.");
  assert_says(SY_TROUBLE_CLOSED, RAW, NULL, "closed", "2001 closed the connection.");
  assert_says(SY_TROUBLE_CLOSED, RAW, "Bye", "closed", "It said “Bye”.");
  assert_says(SY_TROUBLE_TAKEN, RAW, "Port in use", "taken", "it said “Port in use”.");
  assert_says(SY_TROUBLE_NO_RFC2217, RFC2217, NULL, "no-rfc2217", "socket://[fe80::7]:2001");
  assert_says(SY_TROUBLE_NOT_RAW, RAW, NULL, "not-raw", "rfc2217://substation-7.example:2001.");
}

static void a_lost_connection_is_no_pulled_cable(void **state)
{
  g_autoptr(SyTrouble) trouble = make(SY_TROUBLE_GONE, RAW, NULL);

  (void)state;
  assert_int_equal(trouble->kind, SY_TROUBLE_CLOSED);
  assert_null(strstr(trouble->text, "cable"));
}

static gboolean asks_for_the_servers_rate(const char *port, SyTroubleKind kind)
{
  g_autoptr(SyTrouble) trouble = make(kind, port, NULL);
  g_autofree char *sentence = sy_trouble_dup_sentence(trouble);

  return strstr(sentence, "the serial server has this line at 115,200 baud") != NULL;
}

static void only_a_raw_server_may_be_at_another_rate(void **state)
{
  (void)state;
  assert_true(asks_for_the_servers_rate(RAW, SY_TROUBLE_SILENT));
  assert_true(asks_for_the_servers_rate(RAW, SY_TROUBLE_WRONG_RATE));
  assert_false(asks_for_the_servers_rate(RAW, SY_TROUBLE_CLOSED));
  assert_false(asks_for_the_servers_rate(RFC2217, SY_TROUBLE_SILENT));
  assert_false(asks_for_the_servers_rate("/dev/ttyUSB0", SY_TROUBLE_SILENT));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_says_what_happened_where_and_what_to_check),
      cmocka_unit_test(a_lost_connection_is_no_pulled_cable),
      cmocka_unit_test(only_a_raw_server_may_be_at_another_rate),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
