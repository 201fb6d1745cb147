"""From records to a model folder. Needs the extra `train`; scoring never imports it."""
