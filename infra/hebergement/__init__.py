"""Where the two sites stand on AWS: a private bucket behind CloudFront, the one origin of API and files too."""
