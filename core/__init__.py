"""The pipeline: from trace files to reviewed promotions. No screens, no printing, no hidden clock."""
