#!/bin/sh
# Creates the secrets in ./secrets that docker-compose.yml needs and that do not exist
# yet. Keep a copy of secret_key somewhere else: without it a backup cannot be used.
set -eu
umask 077
mkdir -p secrets
cd secrets

# Containers run as other users, so the files are readable; only their owner can enter
# the folder.
keep() {
	if [ -s "$1" ]; then
		echo "secrets/$1 exists already"
		cat >/dev/null
		return
	fi
	cat >"$1.new"
	test -s "$1.new"
	chmod 444 "$1.new"
	mv "$1.new" "$1"
	echo "secrets/$1 created"
}

openssl rand -base64 32 | keep secret_key
openssl rand -hex 24 | tr -d '\n' | keep postgres_password
openssl rand -hex 24 | tr -d '\n' | keep redis_password
printf 'postgres://sidetext:%s@postgres:5432/sidetext?sslmode=disable' "$(cat postgres_password)" | keep database_url
printf 'redis://:%s@redis:6379/0' "$(cat redis_password)" | keep redis_url
