-- Each service owns its database; run once, when the server's folder is empty.
create database course;
create database monitoring;
