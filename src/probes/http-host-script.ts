/**
 * Sends one request by what the host has. Arguments: bytes of the answer at most, seconds at most,
 * "yes" where a certificate has to be checked, "yes" where the server's certificate is not, the PEM
 * file to trust ("" for none), why wget must not be used ("" where it may), the method, "yes" where
 * there is a body, the address, and then headers. For curl everything comes in $curl_request, over a
 * pipe, because words of a command can be read by everybody on the host; $wget_body is wget's body.
 *
 * What came back goes to standard output, and how it went to standard error: "tool NAME" first, what
 * the tool said, and "exit N" last.
 */
export const httpScript = `LC_ALL=C
export LC_ALL
most=$1 seconds=$2 secure=$3 insecure=$4 authority=$5 wget_trouble=$6 method=$7 has_body=$8 address=$9
shift 9

# at_once: as much as is looked at, handed on when all of it is there. Otherwise whoever asks would be
# kept waiting by whoever carries the answer away, and that would count as the server's time.
at_once() {
  head -c "$most" | tail -c "$most"
}

if command -v curl >/dev/null 2>&1; then
  echo "tool curl" >&2
  {
    printf '%s\\n' "$curl_request" | curl -q -sS -K - -i -o /dev/fd/3 || code=$?
    echo "exit \${code:-0}"
  } 3>&1 1>&2 | at_once
  exit 0
fi
unset curl_request
if ! command -v wget >/dev/null 2>&1; then
  echo "tool none" >&2
  exit 0
fi
if [ -n "$wget_trouble" ]; then
  echo "tool unfit" >&2
  exit 0
fi

# Each header becomes an option of its own.
for header in "$@"; do
  shift
  set -- "$@" --header "$header"
done
case $(wget --version 2>/dev/null) in
  *GNU*)
    tool=wget
    if [ "$method" != GET ] || [ "$has_body" = yes ]; then set -- "$@" --method "$method"; fi
    if [ "$has_body" = yes ]; then set -- "$@" --body-data "$wget_body"; fi
    if [ "$insecure" = yes ]; then set -- "$@" --no-check-certificate; fi
    if [ -n "$authority" ]; then set -- "$@" --ca-certificate "$authority"; fi
    set -- "$@" --no-config --no-proxy --no-hsts --tries 1 --max-redirect 0 --content-on-error
    set -- "$@" --progress dot:giga -T "$seconds"
    ;;
  *)
    tool=busybox
    if [ "$secure" = yes ]; then
      echo "tool unsafe" >&2
      exit 0
    fi
    case $method:$has_body in
      GET:no) ;;
      POST:yes) set -- "$@" --post-data "$wget_body" ;;
      *)
        echo "tool simple" >&2
        exit 0
        ;;
    esac
    if [ "$insecure" = yes ]; then set -- "$@" --no-check-certificate; fi
    set -- "$@" -Y off
    ;;
esac
unset wget_body
echo "tool $tool" >&2
read -r began rest </proc/uptime
{
  # Not by -T: it is about one wait of many in GNU wget, and ends some builds of BusyBox at once.
  wget -S -O - "$@" "$address" &
  asking=$!
  (
    sleep $((seconds + 1))
    kill "$asking"
  ) >/dev/null 2>&1 &
  watching=$!
  wait "$asking" || code=$?
  kill "$watching" 2>/dev/null || :
  read -r ended rest </proc/uptime
  echo "took $began $ended" >&2
  echo "exit \${code:-0}" >&2
} | at_once
`;
