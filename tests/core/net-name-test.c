/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of ports behind a network. */

#include "sy-link.h"
#include "sy-net-name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_parts(const char *port, SyNetKind kind, const char *host, guint number)
{
  g_autoptr(SyNetName) name = sy_net_name_parse(port, NULL);
  g_autofree char *again = NULL;

  assert_non_null(name);
  assert_int_equal(name->kind, kind);
  assert_string_equal(name->host, host);
  assert_int_equal(name->port, number);
  again = sy_net_name_dup_port(name);
  assert_string_equal(again, port);
}

static void a_name_has_a_kind_a_host_and_a_port(void **state)
{
  (void)state;
  assert_parts("socket://substation-7.example:2001", SY_NET_RAW, "substation-7.example", 2001);
  assert_parts("rfc2217://10.0.0.7:1", SY_NET_RFC2217, "10.0.0.7", 1);
  assert_parts("socket://[::1]:65535", SY_NET_RAW, "::1", 65535);
  assert_parts("rfc2217://[fe80::1%eth0]:23", SY_NET_RFC2217, "fe80::1%eth0", 23);
  assert_parts("socket://localhost:80", SY_NET_RAW, "localhost", 80);
  assert_parts("socket://schaltschrank-süd.example.:80", SY_NET_RAW, "schaltschrank-süd.example.",
               80);
}

static void assert_refused(const char *port, const char *why)
{
  g_autoptr(GError) error = NULL;
  SyNetName *name = sy_net_name_parse(port, &error);

  assert_null(name);
  assert_true(g_error_matches(error, SY_LINK_ERROR, SY_LINK_ERROR_PORT));
  assert_non_null(strstr(error->message, port));
  if (!strstr(error->message, why))
    fail_msg("“%s”: no “%s”", error->message, why);
}

static void each_part_that_is_wrong_is_named(void **state)
{
  (void)state;
  assert_refused("socket://", "port number is missing");
  assert_refused("socket://host", "port number is missing");
  assert_refused("socket://host:", "port number is missing");
  assert_refused("socket://host:0", "from 1 to 65535");
  assert_refused("socket://host:65536", "from 1 to 65535");
  assert_refused("socket://host:99999999999999999999", "from 1 to 65535");
  assert_refused("socket://host:+80", "from 1 to 65535");
  assert_refused("socket://host: 80", "from 1 to 65535");
  assert_refused("socket://host:80/", "from 1 to 65535");
  assert_refused("rfc2217://host:80?timeout=3", "from 1 to 65535");
  assert_refused("socket://:80", "host is missing");
  assert_refused("socket://::1:80", "in brackets");
  assert_refused("socket://[::1:80", "bracket behind");
  assert_refused("socket://[::1]", "port number is missing");
  assert_refused("socket://[::1]80", "colon and the port");
  assert_refused("socket://[::g]:80", "no IPv6 address");
  assert_refused("socket://[::1%]:80", "no IPv6 address");
  assert_refused("socket://[host]:80", "Only an IPv6");
  assert_refused("socket://10.0.0.300:80", "no IPv4 address");
  assert_refused("socket://10.0:80", "no IPv4 address");
  assert_refused("socket://user@host:80", "no host's name");
  assert_refused("socket://-host:80", "no host's name");
  assert_refused("socket://a..b:80", "no host's name");
  assert_refused("socket://two words:80", "no host's name");
}

static void names_longer_than_a_name_may_be_are_refused(void **state)
{
  g_autofree char *label = g_strnfill(64, 'a');
  g_autofree char *port = g_strconcat("socket://", label, ":80", NULL);
  g_autofree char *labels = g_strnfill(254, 'a');

  (void)state;
  assert_refused(port, "no host's name");
  for (guint n = 50; n < 254; n += 50)
    labels[n] = '.';
  assert_false(sy_net_name_check_host(labels, NULL));
  labels[253] = '\0';
  assert_true(sy_net_name_check_host(labels, NULL));
}

static void other_ports_are_no_network_names(void **state)
{
  (void)state;
  assert_false(sy_net_name_is("/dev/ttyUSB0"));
  assert_false(sy_net_name_is("tcp://host:80"));
  assert_false(sy_net_name_is("socket:host:80"));
  assert_true(sy_net_name_is("rfc2217://"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_name_has_a_kind_a_host_and_a_port),
      cmocka_unit_test(each_part_that_is_wrong_is_named),
      cmocka_unit_test(names_longer_than_a_name_may_be_are_refused),
      cmocka_unit_test(other_ports_are_no_network_names),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
