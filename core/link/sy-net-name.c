/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of ports behind a network, part by part. */

#include "sy-net-name.h"

#include "sy-link.h"

#include <arpa/inet.h>
#include <glib/gi18n-lib.h>
#include <string.h>

enum { HOST_MAX = 253, LABEL_MAX = 63, PORT_MAX = 65535 }; /* RFC 1035 §2.3.4 */

static const char *const schemes[SY_NET_COUNT] = {"socket://", "rfc2217://"};

void sy_net_name_free(SyNetName *self)
{
  g_free(self->host);
  g_free(self);
}

gboolean sy_net_name_is(const char *port)
{
  return g_str_has_prefix(port, schemes[SY_NET_RAW]) ||
         g_str_has_prefix(port, schemes[SY_NET_RFC2217]);
}

const char *sy_net_kind_get_label(SyNetKind kind)
{
  return kind == SY_NET_RAW ? _("Raw TCP") : _("RFC 2217 over TCP");
}

static gboolean refuse(GError **error, const char *text)
{
  g_set_error_literal(error, SY_LINK_ERROR, SY_LINK_ERROR_PORT, text);
  return FALSE;
}

/* With a zone behind it, as in fe80::1%eth0. */
static gboolean is_ipv6(const char *host)
{
  const char *zone = strchr(host, '%');
  g_autofree char *address = zone ? g_strndup(host, (gsize)(zone - host)) : g_strdup(host);
  struct in6_addr parsed;

  return inet_pton(AF_INET6, address, &parsed) == 1 &&
         (!zone ||
          (zone[1] != '\0' &&
           zone[1 + strspn(zone + 1, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-")] == '\0'));
}

/* Letters of any script, for there are names in all of them; GIO encodes those. */
static gboolean is_label(const char *label)
{
  gsize length = strlen(label);

  if (length == 0 || length > LABEL_MAX || label[0] == '-' || label[length - 1] == '-')
    return FALSE;
  for (; *label; label = g_utf8_next_char(label)) {
    gunichar letter = g_utf8_get_char(label);

    if (!g_unichar_isalnum(letter) && letter != '-' && letter != '_')
      return FALSE;
  }
  return TRUE;
}

static gboolean is_host_name(const char *host)
{
  g_auto(GStrv) labels = g_strsplit(host, ".", -1);
  guint count = g_strv_length(labels);

  if (count > 1 && labels[count - 1][0] == '\0') /* the root, as in "example.org." */
    count--;
  for (guint n = 0; n < count; n++)
    if (!is_label(labels[n]))
      return FALSE;
  return count > 0;
}

gboolean sy_net_name_check_host(const char *host, GError **error)
{
  struct in_addr parsed;

  if (host[0] == '\0')
    return refuse(error, _("The host is missing: a name like substation-7.example or an address "
                           "like 192.168.1.20."));
  if (strchr(host, ':'))
    return is_ipv6(host) || refuse(error, _("This is no IPv6 address."));
  if (host[strspn(host, G_CSET_DIGITS ".")] == '\0')
    return inet_pton(AF_INET, host, &parsed) == 1 || refuse(error, _("This is no IPv4 address."));
  if (strlen(host) > HOST_MAX || !g_utf8_validate(host, -1, NULL) || !is_host_name(host))
    return refuse(error, _("This is no host's name: it has letters, digits, hyphens and dots."));
  return TRUE;
}

gboolean sy_net_name_read_port(const char *text, guint16 *port, GError **error)
{
  guint64 value;

  if (text[0] == '\0')
    return refuse(error, _("The port number is missing."));
  if (text[strspn(text, G_CSET_DIGITS)] != '\0' ||
      !g_ascii_string_to_unsigned(text, 10, 1, PORT_MAX, &value, NULL))
    return refuse(error, _("A port number goes from 1 to 65535."));
  *port = (guint16)value;
  return TRUE;
}

/* Cuts what stands behind the scheme into host and port's number. */
static gboolean split(const char *address, char **host, const char **number, GError **error)
{
  const char *end;

  if (address[0] == '[') {
    end = strchr(address, ']');
    if (!end)
      return refuse(error, _("The bracket behind the IPv6 address is missing."));
    *host = g_strndup(address + 1, (gsize)(end - address - 1));
    if (!strchr(*host, ':'))
      return refuse(error, _("Only an IPv6 address stands in brackets."));
    end++;
  } else {
    end = strrchr(address, ':');
    if (end && strchr(address, ':') != end)
      return refuse(error, _("An IPv6 address stands in brackets, as in [::1]:2001."));
    end = end ? end : address + strlen(address);
    *host = g_strndup(address, (gsize)(end - address));
  }
  if (*end != ':')
    return refuse(error, *end == '\0' ? _("The port number is missing.")
                                      : _("Behind the bracket comes a colon and the port number."));
  *number = end + 1;
  return TRUE;
}

static gboolean parse(SyNetName *self, const char *port, GError **error)
{
  const char *number;

  self->kind = g_str_has_prefix(port, schemes[SY_NET_RAW]) ? SY_NET_RAW : SY_NET_RFC2217;
  return split(port + strlen(schemes[self->kind]), &self->host, &number, error) &&
         sy_net_name_check_host(self->host, error) &&
         sy_net_name_read_port(number, &self->port, error);
}

SyNetName *sy_net_name_parse(const char *port, GError **error)
{
  g_autoptr(SyNetName) self = g_new0(SyNetName, 1);

  g_return_val_if_fail(sy_net_name_is(port), NULL);

  if (!parse(self, port, error)) {
    g_prefix_error(error, _("“%s” is no port. "), port);
    return NULL;
  }
  return g_steal_pointer(&self);
}

char *sy_net_name_dup_address(const SyNetName *self)
{
  return g_strdup_printf(strchr(self->host, ':') ? "[%s]:%u" : "%s:%u", self->host, self->port);
}

char *sy_net_name_dup_port(const SyNetName *self)
{
  g_autofree char *address = sy_net_name_dup_address(self);

  return g_strconcat(schemes[self->kind], address, NULL);
}
