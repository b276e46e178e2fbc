#!/bin/bash
if [ "$(cat /testbed/count.txt)" -eq "$(find /etc -type f -name '*.conf' | wc -l)" ]; then
  echo 1 > /logs/verifier/reward.txt
else
  echo 0 > /logs/verifier/reward.txt
fi
