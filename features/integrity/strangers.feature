@integrity @pci-6.2.4 @pci-7.2.2 @cwe-639 @cwe-862 @asvs-V8.2.1 @asvs-V8.2.2 @wstg-ATHZ-04
Feature: An order belongs to its shopper, and the till to the staff

  Order numbers are seen on labels and in mails. Knowing one must not be enough to read it, to cancel it, or to have its
  money sent back.

  @critical @defect-C09 @defect-P09
  Scenario: A stranger can do nothing with somebody else's order
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When an attacker tries everything a shopper can do with the order
    Then every try is refused, and none shows the order
    And the order stays unpaid

  @critical @defect-C09
  Scenario: A stranger can do nothing with somebody else's paid order
    Given a shopper who paid 49.99 EUR
    When an attacker tries everything a shopper can do with the order
    Then every try is refused, and none shows the order
    And the order stays paid

  @critical @defect-C09 @pci-8.2.1
  Scenario: Nobody but the staff refunds, captures or reads the books
    Given a shopper who paid 49.99 EUR
    When an attacker tries everything the staff can do with the order
    Then every try is refused, and none shows the order
    And the order stays paid
    And the provider counts 0 refunds

  @critical @defect-C09 @defect-M01
  Scenario: Nobody but the staff captures a hold
    Given a shopper with 100.00 EUR held on their card
    When an attacker tries everything the staff can do with the order
    Then every try is refused, and none shows the order
    And the order stays authorised

  @critical @defect-C10 @cwe-22 @cwe-89
  Scenario: An order number made of tricks finds nothing and breaks nothing
    Given a shopper with an unpaid order of 49.99 EUR
    When an attacker asks for orders by numbers made of tricks
    Then every try is refused, and none shows the order
    And the shop still answers

  @medium @defect-P07 @cwe-352 @asvs-V3.5.1 @wstg-SESS-05
  Scenario: A mere link moves no money
    Given a shopper who paid 49.99 EUR
    When somebody follows links that would cancel, capture or refund
    Then the order stays paid
    And the provider counts 0 refunds

  @medium @defect-P10 @cwe-601 @asvs-V1.3.6
  Scenario: A forged host name does not send shoppers elsewhere
    Given a shopper with an unpaid order of 49.99 EUR
    When an attacker starts to pay on the provider's page under a forged host name
    Then the provider was given no address of a stranger
