#!/usr/bin/env bash
# Joints of images with curl:  serving/client/predict.sh http://localhost:8501 pose left.jpg right.png
# Prints the server's answer. SERVING_KEY is the key that a proxy in front of the server asks for. Images are sent as
# they are, so EXIF orientation is ignored (python -m serving.client turns such images).
set -euo pipefail
if (($# < 3)); then
  printf 'usage: %s URL MODEL IMAGE...\n' "$0" >&2
  exit 2
fi
url=${1%/} model=$2
shift 2
for file in "$@"; do
  [[ -r $file ]] || { printf '%s: cannot be read\n' "$file" >&2; exit 1; }
done

# One object for each image. The body goes through a pipe, because it may be longer than a command line may be.
write_body() {
  local between=""
  printf '{"inputs": {"image_bytes": ['
  for file in "$@"; do
    printf '%s{"b64": "%s"}' "$between" "$(base64 <"$file" | tr -d '\n')"
    between=", "
  done
  printf ']}}'
}

# --config: the key is not shown in the list of processes. Retries cover 429 and 503. An error status is a failure, and
# the server's message is printed.
write_body "$@" | curl --silent --show-error --fail-with-body --max-time 60 --retry 4 --data-binary @- \
  --header 'Content-Type: application/json' \
  --config <(printf '%s' "${SERVING_KEY:+header = \"Authorization: Bearer $SERVING_KEY\"}") \
  "$url/v1/models/$model:predict"
