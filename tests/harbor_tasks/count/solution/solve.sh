#!/bin/bash
find /etc -type f -name '*.conf' | wc -l > /testbed/count.txt
