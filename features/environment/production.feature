@environment @pci-6.5.3 @cwe-489 @asvs-V13.4.2
Feature: Play money and real money never meet

  Test credentials take no money and live ones take nothing else. A shop that mixes them gives goods away in production,
  or charges real customers from a developer's desk.

  @critical @defect-E03 @cwe-636 @launched
  Scenario: A shop in production does not open with the address of a stand-in
    When the shop is started with another provider's address in production
    Then it refuses to start, and says in one sentence why

  @critical @defect-E01
  Scenario: What the shop tells browsers belongs to the mode it runs in
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper starts to pay
    Then the browser was given a test key and no secret one

  @critical @defect-E02 @pci-6.5.5 @wstg-BUSL-10
  Scenario: A real card is not taken for a test card
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a real card in a shop that is only a test
    Then the order stays unpaid
    And nothing is fulfilled
