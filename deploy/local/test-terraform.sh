#!/usr/bin/env bash
# test-terraform.sh: format, validation and the mocked tests of terraform/, where Terraform is installed.
set -euo pipefail
cd "$(dirname "$0")/../../terraform"
if ! command -v terraform >/dev/null; then
	echo "SKIPPED: terraform is not installed here, so terraform/ was not tested."
	exit 0
fi
# Without a network the provider may lie unpacked somewhere on this machine; with one, init fetches it.
provider=$(find / -xdev -type d -path '*/hashicorp/aws/5.*/linux_*' -not -path '*/.terraform/*' 2>/dev/null | head -n 1 || true)
mirror=${provider%/*/*/*/*/*}
if ! terraform init -backend=false -input=false -no-color ${mirror:+-plugin-dir="$mirror"} >.init.log 2>&1; then
	if [ -z "$mirror" ]; then
		echo "SKIPPED: the AWS provider is neither on this machine nor to be fetched, so terraform/ was not tested."
		rm -f .init.log
		exit 0
	fi
	cat .init.log
	exit 1
fi
rm -f .init.log
terraform fmt -check -recursive
terraform validate -no-color 2>/dev/null
terraform test -no-color 2>/dev/null
(
	cd examples/single-region
	terraform init -backend=false -input=false -no-color ${mirror:+-plugin-dir="$mirror"} >/dev/null 2>&1
	terraform validate -no-color 2>/dev/null
)
